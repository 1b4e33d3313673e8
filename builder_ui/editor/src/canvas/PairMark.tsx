import { useText } from "@/i18n";
import { StatusIcon } from "@/ui/StatusIcon";
import { useShown } from "./shown";
import style from "./PairMark.module.css";

/** While two runs are compared: how this node stood in each, marked where they went apart. */
export function PairMark({ node }: { node: string }) {
  const text = useText();
  const pair = useShown((state) => state.pairs?.get(node));
  if (pair === undefined) return null;
  return (
    <span className={style.pair} data-differs={pair.differs || undefined} data-testid={`pair-${node}`} title={pair.said}>
      {pair.left === null ? <b aria-hidden>–</b> : <StatusIcon status={pair.left} size={13} />}
      <i aria-hidden>{pair.differs ? "≠" : "="}</i>
      {pair.right === null ? <b aria-hidden>–</b> : <StatusIcon status={pair.right} size={13} />}
      <span className="visually-hidden">{text(pair.differs ? "timetravel.pair.differs" : "timetravel.pair.alike")}</span>
    </span>
  );
}
