/** What a node may read, as the last run or a pin left it: chosen or dragged from here into its fields. */
import { IconGripVertical } from "@tabler/icons-react";
import { useEffect, useMemo, useState, type DragEvent, type ReactNode } from "react";
import type { JsonSchema } from "@/api/types";
import { sourcesOf } from "@/document/sources";
import { nodeOf, titleOf, type DocumentNode, type Json } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { JsonView } from "@/ui/JsonView";
import type { Key } from "./expression/known";
import { braced, CARRIED, columnText, pathText } from "./expression/placing";
import { useSamples, useScope } from "./expression/scope";
import { useMapping } from "./mapping";
import style from "./InputPane.module.css";
import { SchemaTree } from "./SchemaTree";

const SHOWN_ABOVE = new Set(["input", "nodes"]);

const setCarrying = (isCarrying: boolean) => (): void => useMapping.getState().setCarrying(isCarrying);

function carry(expression: string, into: DataTransfer): void {
  into.effectAllowed = "copy";
  into.setData(CARRIED, expression);
  into.setData("text/plain", braced(expression));
}

/** The field that had the focus last takes it; without one it is said what to do. */
function give(expression: string): void {
  const { taker } = useMapping.getState();
  if (taker === null) useView.getState().tell({ key: "mapping.chooseField" });
  else taker.take(expression);
}

export function InputPane({ node }: { node: DocumentNode }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  const sources = useMemo(() => sourcesOf(document, node.id), [document, node.id]);
  const taker = useMapping((state) => state.taker);
  const first = sources[0];
  // What is taken down while it is dragged tells of no end.
  useEffect(() => setCarrying(false), []);
  return (
    <section className={style.pane} aria-label={text("mapping.input")} data-testid="input-pane" onDragStart={setCarrying(true)} onDragEnd={setCarrying(false)}>
      <h3 className={style.title}>{text("mapping.input")}</h3>
      <p className={style.help}>{taker === null ? text("mapping.help") : text("mapping.into", { field: taker.label })}</p>
      {sources.map((id) => (
        <NodeSource key={id} id={id} isFirst={id === first} />
      ))}
      <RunInput isFirst={first === undefined} />
      <Others node={node} />
    </section>
  );
}

function NodeSource({ id, isFirst }: { id: string; isFirst: boolean }) {
  const node = useEditor((state) => nodeOf(state.document, id));
  const type = useEditor((state) => state.catalogue.get(node?.type ?? ""));
  const inputs = useEditor((state) => state.document.inputs);
  if (node === undefined) return null;
  const schema = type?.role === "trigger" ? inputs : (type?.output_schema ?? undefined);
  return (
    <Source root={`nodes.${id}`} label={titleOf(node)} icon={<CategoryIcon category={type?.category ?? ""} icon={type?.icon ?? "box"} />} schema={schema} isFirst={isFirst} of={id} />
  );
}

function RunInput({ isFirst }: { isFirst: boolean }) {
  const text = useText();
  const inputs = useEditor((state) => state.document.inputs);
  return <Source root="input" label={text("mapping.runInput")} schema={inputs} isFirst={isFirst} of={null} />;
}

interface SourceProps {
  /** How an expression begins that reads it. */
  root: string;
  label: string;
  icon?: ReactNode;
  schema: JsonSchema | undefined;
  isFirst: boolean;
  /** The node whose output it is; null for the run's input. */
  of: string | null;
}

/** One thing that may be read; its value is asked for when it is opened. */
function Source({ root, label, icon, schema, isFirst, of }: SourceProps) {
  const [isOpen, setOpen] = useState(isFirst);
  return (
    <details className={style.source} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} data-testid={`source-${root}`}>
      <summary>
        {icon}
        <span className={style.name}>{label}</span>
        <Chip expression={root} />
      </summary>
      {isOpen && <Values root={root} schema={schema} of={of} />}
    </details>
  );
}

function Values({ root, schema, of }: Pick<SourceProps, "root" | "schema" | "of">) {
  const text = useText();
  const ids = useMemo(() => (of === null ? [] : [of]), [of]);
  const samples = useSamples(ids);
  const value: Json | undefined = of === null ? samples.input : samples.nodes[of];
  const [isSchema, setSchema] = useState(false);
  const choose = (keys: Key[]): void => give(pathText(root, keys));
  const drag = (keys: Key[], into: DataTransfer): void => carry(pathText(root, keys), into);
  const hasSchema = Object.keys(schema?.properties ?? {}).length > 0;
  if (schema !== undefined && hasSchema && (value === undefined || isSchema)) {
    return (
      <>
        <SchemaTree schema={schema} onPath={choose} onDrag={drag} />
        <p className={style.help}>
          {value === undefined ? text("mapping.noValue") : <button className={style.other} onClick={() => setSchema(false)}>{text("mapping.showValues")}</button>}
        </p>
      </>
    );
  }
  if (value === undefined) return <p className={style.help}>{text("mapping.nothing")}</p>;
  return (
    <JsonView
      value={value}
      onPath={choose}
      onDrag={drag}
      onColumn={(keys, column) => give(columnText(root, keys, column))}
      onDragColumn={(keys, column, into) => carry(columnText(root, keys, column), into)}
      actions={hasSchema && <button className={style.other} onClick={() => setSchema(true)}>{text("mapping.showSchema")}</button>}
    />
  );
}

/** A whole root, to be chosen or dragged. */
function Chip({ expression }: { expression: string }) {
  return (
    <button
      className={style.chip}
      draggable
      onDragStart={(event: DragEvent) => carry(expression, event.dataTransfer)}
      onClick={(event) => {
        event.preventDefault();
        give(expression);
      }}
    >
      <IconGripVertical size={12} aria-hidden />
      {expression}
    </button>
  );
}

function Others({ node }: { node: DocumentNode }) {
  const text = useText();
  const { roots } = useScope(node.id);
  return (
    <div className={style.others}>
      <span className={style.help}>{text("mapping.others")}</span>
      {roots.map((name) => (SHOWN_ABOVE.has(name) ? null : <Chip key={name} expression={name} />))}
    </div>
  );
}
