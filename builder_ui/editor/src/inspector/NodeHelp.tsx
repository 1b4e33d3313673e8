/** What a node type does, told from its own entry in the catalogue: ports, what a crash does, and an example that really runs. */
import { Button } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { effectOf, portsOf } from "@/document/catalogue";
import { titleOf, type DocumentNode, type Json } from "@/document/types";
import type { NodeType } from "@/api/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import style from "./NodeHelp.module.css";

/** Words between backticks are shown as code; a blank line begins a paragraph. */
function Words({ words }: { words: string }) {
  return words
    .split(/\n\s*\n/)
    .map((paragraph, at) => (
      <p key={at}>
        {paragraph.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
      </p>
    ));
}

const shown = (value: Json): string => JSON.stringify(value, null, 2);

export function NodeHelp({ node, type }: { node: DocumentNode; type: NodeType }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const { example } = type;
  const effect = effectOf(node, type);
  const ports = portsOf(type, example?.config ?? node.config);
  const useExample = (): void => {
    if (example === null) return;
    useEditor.getState().dispatch({ kind: "update_node", id: node.id, patch: { config: example.config } }, { key: "inspector.edit.configure", params: { node: titleOf(node) } });
  };
  return (
    <div className={style.help} data-testid="node-help">
      <Words words={type.docs} />
      <dl>
        {ports.length > 0 && (
          <>
            <dt>{text("samples.help.ports")}</dt>
            <dd>
              {ports.map((port) => (
                <code key={port}>{port}</code>
              ))}
            </dd>
          </>
        )}
        {effect !== null && (
          <>
            <dt>{text("samples.help.effect")}</dt>
            <dd>{text(`common.effect.${effect}`)}</dd>
          </>
        )}
      </dl>
      {example !== null && (
        <section aria-label={text("samples.help.example")}>
          <h4>{text("samples.help.example")}</h4>
          {Object.keys(example.input).length > 0 && <Shown label={text("samples.help.given")} value={example.input} />}
          <Shown label={text("samples.help.set")} value={example.config} />
          {example.output !== null && <Shown label={text("samples.help.gives")} value={example.output} />}
          {!readOnly && Object.keys(example.config).length > 0 && (
            <Button size="compact-sm" leftSection={<IconWand size={14} />} onClick={useExample}>
              {text("samples.help.use")}
            </Button>
          )}
        </section>
      )}
    </div>
  );
}

function Shown({ label, value }: { label: string; value: Json }) {
  return (
    <figure>
      <figcaption>{label}</figcaption>
      <pre tabIndex={0}>{shown(value)}</pre>
    </figure>
  );
}
