/** The right of three panes: what the node gave in the run that is shown, else in the last one, else what it will give by its schema. */
import { useMemo } from "react";
import type { DocumentNode } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { JsonView } from "@/ui/JsonView";
import { useSamples } from "./expression/scope";
import style from "./InputPane.module.css";
import { NodeOutput } from "./NodeOutput";
import { SchemaTree } from "./SchemaTree";
import { useShownStep } from "./useShownStep";

export function OutputPane({ node }: { node: DocumentNode }) {
  const text = useText();
  const isShown = useShownStep(node.id) !== null;
  const isPinned = useEditor((state) => state.document.pins?.[node.id] !== undefined);
  return (
    <section className={style.output} aria-label={text("inspector.output.title")} data-testid="output-pane">
      <h3 className={style.title}>{text("inspector.output.title")}</h3>
      {isShown || isPinned ? <NodeOutput node={node} /> : <LastOutput node={node} />}
    </section>
  );
}

function LastOutput({ node }: { node: DocumentNode }) {
  const text = useText();
  const ids = useMemo(() => [node.id], [node.id]);
  const { nodes, run } = useSamples(ids);
  const type = useEditor((state) => state.catalogue.get(node.type));
  const inputs = useEditor((state) => state.document.inputs);
  const value = nodes[node.id];
  const schema = type?.role === "trigger" ? inputs : (type?.output_schema ?? undefined);
  if (value !== undefined && run !== null) {
    return (
      <>
        <p className={style.help}>{text("mapping.lastOutput", { number: run.number ?? "" })}</p>
        <JsonView value={value} />
      </>
    );
  }
  if (schema !== undefined && Object.keys(schema.properties ?? {}).length > 0) {
    return (
      <>
        <SchemaTree schema={schema} />
        <p className={style.help}>{text("mapping.noValue")}</p>
      </>
    );
  }
  return <NodeOutput node={node} />;
}
