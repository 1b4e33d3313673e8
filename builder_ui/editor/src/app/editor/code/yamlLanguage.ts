/**
 * YAML in colours, and folded where it nests.
 *
 * CodeMirror's own package for it also reads YAML before other languages, which would bring a part of the parser that
 * nothing else needs into the first view.
 */
import { foldInside, foldNodeProp, LanguageSupport, LRLanguage } from "@codemirror/language";
import { parser } from "@lezer/yaml";

const folded = parser.configure({
  props: [
    foldNodeProp.add({
      "FlowMapping FlowSequence": foldInside,
      "Item Pair BlockLiteral": (node, state) => ({ from: state.doc.lineAt(node.from).to, to: node.to }),
    }),
  ],
});

export const yamlLanguage = new LanguageSupport(LRLanguage.define({ name: "yaml", parser: folded }));
