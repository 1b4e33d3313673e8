import { Handle, Position as Side } from "@xyflow/react";
import { memo } from "react";
import { COMPENSATE } from "@/document/graph";
import { useText } from "@/i18n";
import { ENTRY, PORT, portTop, UNDO_ENTRY, type CardPorts } from "./anatomy";
import { useNodeOverlay, useShown } from "./shown";
import style from "./Ports.module.css";

interface Props {
  title: string;
  ports: CardPorts;
  id: string;
}

/** The ports of a card or a frame. Where there is more than one, each shows its name. */
export const Ports = memo(function Ports({ title, ports, id }: Props) {
  const text = useText();
  const open = useShown((state) => (state.connecting?.node === id ? state.connecting.port : null));
  const isNamed = ports.outgoing.length > 1 || (ports.outgoing[0] ?? "out") !== "out";
  return (
    <>
      {ports.hasEntry && (
        <Handle id={ENTRY} type="target" position={Side.Left} className={style.port} data-open={open === ENTRY || undefined} style={{ top: PORT.first - 1 }} role="img" aria-label={text("canvas.port.in", { node: title })} />
      )}
      {ports.isUndo && (
        <Handle id={UNDO_ENTRY} type="target" position={Side.Top} className={style.port} isConnectableStart={false} role="img" aria-label={text("canvas.port.in", { node: title })} />
      )}
      {ports.outgoing.map((port, index) => (
        <Handle
          key={port}
          id={port}
          type="source"
          position={Side.Right}
          className={style.port}
          data-port={port}
          data-open={open === port || undefined}
          style={{ top: portTop(index) - 1 }}
          role="img"
          aria-label={text("canvas.port.out", { port, node: title })}
        />
      ))}
      {isNamed && <Names id={id} outgoing={ports.outgoing} />}
      {ports.canUndo && (
        <Handle
          id={COMPENSATE}
          type="source"
          position={Side.Bottom}
          className={style.port}
          data-port={COMPENSATE}
          data-used={ports.hasUndo || open === COMPENSATE || undefined}
          title={text("canvas.port.undo")}
          role="img"
          aria-label={text("canvas.port.out", { port: text("canvas.port.undo"), node: title })}
        />
      )}
    </>
  );
});

/** The names of the ports; in a run, the one the step left by. */
function Names({ id, outgoing }: { id: string; outgoing: readonly string[] }) {
  const taken = useNodeOverlay(id)?.port ?? null;
  return outgoing.map((port, index) => (
    <span key={port} className={style.label} data-taken={taken === port || undefined} style={{ top: portTop(index) - 18 }}>
      {port}
    </span>
  ));
}
