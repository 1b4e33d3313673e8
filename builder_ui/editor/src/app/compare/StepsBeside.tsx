import type { Move, RunPair, StepPair } from "@/api/past";
import type { RunStep } from "@/api/types";
import { nodeOf, titleOf, type FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { StatusIcon } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { durationText } from "@/ui/time";
import style from "./ComparePage.module.css";
import { leftBehind, pace, tookOf, worthOf } from "./steps";

/** The steps of both runs, a line each: state and duration on either side, and what differs. */
export function StepsBeside({ pair, before, steps, chosen, onStep }: { pair: RunPair; before: FlowDocument; steps: readonly StepPair[]; chosen: string | null; onStep: (key: string) => void }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  if (steps.length === 0) return <p className={style.none}>{text("timetravel.compare.alike")}</p>;
  const show = (key: string): void => {
    onStep(key);
    useView.getState().canvas?.show(key);
  };
  return (
    <table className={style.table} aria-label={text("timetravel.compare.steps")}>
      <thead>
        <tr>
          <th scope="col">{text("timetravel.compare.step")}</th>
          <th scope="col">{`#${pair.left.number ?? ""}`}</th>
          <th scope="col">{`#${pair.right.number ?? ""}`}</th>
          <th scope="col">{text("timetravel.compare.differs")}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => {
          const node = nodeOf(document, step.key) ?? nodeOf(before, step.key);
          return (
            <tr key={step.key} data-on={step.key === chosen || undefined} data-testid={`beside-${step.key}`} onClick={() => show(step.key)}>
              <th scope="row">
                <button type="button" className={style.name}>
                  {node === undefined ? step.key : titleOf(node)}
                </button>
              </th>
              <td>
                <Cell step={step.left} moves={pair.left_moves} />
              </td>
              <td>
                <Cell step={step.right} moves={pair.right_moves} pace={pace(step)} />
              </td>
              <td>
                <span className={style.tags}>
                  {worthOf(step).map((each) => (
                    <Tag key={each} hue={each === "error" || each === "status" ? "bad" : "run"}>
                      {text(`timetravel.compare.what.${each}` as "timetravel.compare.what.status")}
                    </Tag>
                  ))}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Cell({ step, moves, pace }: { step: RunStep | null; moves: readonly Move[]; pace?: "slower" | "faster" | null }) {
  const text = useText();
  if (step === null) return <em className={style.lacks}>{text("timetravel.compare.notThere")}</em>;
  const took = tookOf(step);
  const version = leftBehind(step, moves);
  return (
    <span className={style.cell} data-pace={pace ?? undefined}>
      <StatusIcon status={step.status} size={14} />
      {took === null ? text(`common.status.${step.status}`) : durationText(took)}
      {pace != null && <b aria-label={text(`timetravel.compare.${pace}`)}>{pace === "slower" ? "▲" : "▼"}</b>}
      {version !== null && <Tag>{text("timetravel.compare.begunBy", { version })}</Tag>}
      {step.port != null && step.port !== "out" && <code>{step.port}</code>}
    </span>
  );
}
