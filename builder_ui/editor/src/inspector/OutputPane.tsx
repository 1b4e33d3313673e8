/** The right of three panes: what the node gave. */
import type { DocumentNode } from "@/document/types";
import { useText } from "@/i18n";
import style from "./InputPane.module.css";
import { NodeOutput } from "./NodeOutput";

export function OutputPane({ node }: { node: DocumentNode }) {
  const text = useText();
  return (
    <section className={style.output} aria-label={text("inspector.output.title")} data-testid="output-pane">
      <h3 className={style.title}>{text("inspector.output.title")}</h3>
      <NodeOutput node={node} />
    </section>
  );
}
