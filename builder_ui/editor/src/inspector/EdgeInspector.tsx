import { Button, Select } from "@mantine/core";
import { IconArrowRight, IconTrash } from "@tabler/icons-react";
import { outgoingPorts } from "@/document/catalogue";
import { COMPENSATE } from "@/document/graph";
import { edgeKey, nodeOf, portOf, titleOf, type DocumentEdge } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { Head } from "./Head";
import style from "./Inspector.module.css";

/** An edge: from which port of what, to what. */
export function EdgeInspector({ edge }: { edge: DocumentEdge }) {
  const text = useText();
  const { document, catalogue, readOnly, dispatch, select } = useEditor.getState();
  const from = nodeOf(document, edge.from);
  const to = nodeOf(document, edge.to);
  const ports = from ? outgoingPorts(from, catalogue.get(from.type)) : [];
  const port = portOf(edge);
  const options = [...new Set([...ports, port, COMPENSATE])];
  const change = (next: string | null): void => {
    if (next === null || next === port) return;
    const moved = { from: edge.from, to: edge.to, port: next };
    dispatch([{ kind: "disconnect", edges: [edgeKey(edge)] }, { kind: "connect", edge: moved }], { key: "inspector.edit.port", params: { port: next } });
    select({ edges: [edgeKey(moved)] });
  };
  return (
    <>
      <Head icon={<IconArrowRight size={20} />} title={text("inspector.edge.title")}>
        <code>{`${edge.from}.${port} → ${edge.to}`}</code>
      </Head>
      <div className={`${style.body} ${style.stack}`}>
        <ul className={style.list}>
          {[from, to].map((node) =>
            node === undefined ? null : (
              <li key={node.id}>
                <button onClick={() => select({ nodes: [node.id] })}>
                  <CategoryIcon size={26} category={catalogue.get(node.type)?.category ?? ""} icon={catalogue.get(node.type)?.icon ?? "box"} />
                  {titleOf(node)}
                </button>
              </li>
            ),
          )}
        </ul>
        <Select label={text("inspector.edge.port")} description={text(port === COMPENSATE ? "inspector.edge.compensate" : "inspector.edge.portHelp")} data={options} value={port} onChange={change} readOnly={readOnly} allowDeselect={false} />
        {!readOnly && (
          <Button color="red" variant="subtle" leftSection={<IconTrash size={14} />} onClick={() => dispatch({ kind: "disconnect", edges: [edgeKey(edge)] }, { key: "inspector.edit.disconnect" })}>
            {text("inspector.edge.remove")}
          </Button>
        )}
      </div>
    </>
  );
}
