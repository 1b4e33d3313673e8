import { IconArrowsSplit2 } from "@tabler/icons-react";
import type { RunPair, StepPair } from "@/api/past";
import { useStep } from "@/api/queries";
import type { RunError } from "@/api/types";
import { useText } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import { isUnread, Unread } from "@/ui/Unread";
import style from "./ComparePage.module.css";
import { differing, MOST } from "./values";

/** What one step was given, gave and said in each run, place by place where they differ. */
export function ValuesBeside({ pair, step }: { pair: RunPair; step: StepPair | null }) {
  const text = useText();
  const left = useStep(step?.left == null ? null : pair.left.id, step?.key ?? null);
  const right = useStep(step?.right == null ? null : pair.right.id, step?.key ?? null);
  if (step === null) {
    return (
      <div className={style.values}>
        <EmptyState compact icon={<IconArrowsSplit2 size={20} />} title={text("timetravel.compare.choose")}>
          {text("timetravel.compare.chooseHelp")}
        </EmptyState>
      </div>
    );
  }
  const unread = [left, right].find((each) => isUnread(each));
  if (unread !== undefined) return <div className={style.values}><Unread what={text("step.one")} asked={unread} /></div>;
  if ((step.left !== null && left.isPending) || (step.right !== null && right.isPending)) return <div className={style.values}>{text("common.loading")}</div>;
  const said = (error: RunError | null | undefined): unknown => (error == null ? undefined : { code: error.code, message: error.message });
  const parts: [string, unknown, unknown][] = [
    [text("step.input"), left.data?.input, right.data?.input],
    [text("step.output"), left.data?.output, right.data?.output],
    [text("timetravel.compare.what.error"), said(left.data?.error), said(right.data?.error)],
  ];
  return (
    <div className={style.values} data-testid="values">
      {parts.map(([title, one, other]) => (
        <Part key={title} title={title} left={one} right={other} pair={pair} />
      ))}
    </div>
  );
}

function Part({ title, left, right, pair }: { title: string; left: unknown; right: unknown; pair: RunPair }) {
  const text = useText();
  if (left == null && right == null) return null;
  const found = differing(left, right);
  return (
    <section className={style.part} aria-label={title}>
      <h3>
        {title} <span>{found.length === 0 ? text("timetravel.compare.same") : ""}</span>
      </h3>
      {found.length > 0 && (
        <table className={style.places}>
          <thead>
            <tr>
              <th scope="col">{text("timetravel.compare.place")}</th>
              <th scope="col">{`#${pair.left.number ?? ""}`}</th>
              <th scope="col">{`#${pair.right.number ?? ""}`}</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MOST).map((each) => (
              <tr key={each.path}>
                <th scope="row">
                  <code>{each.path === "" ? text("timetravel.compare.whole") : each.path}</code>
                </th>
                <Value value={each.left} side="left" />
                <Value value={each.right} side="right" />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.length > MOST && <p className={style.none}>{text("timetravel.compare.more", { count: MOST })}</p>}
    </section>
  );
}

const LONGEST = 400;

function Value({ value, side }: { value: unknown; side: "left" | "right" }) {
  const text = useText();
  const written = value === undefined ? null : (JSON.stringify(value) ?? null);
  return (
    <td data-side={side} data-none={written === null || undefined}>
      {written === null ? text("timetravel.compare.notThere") : written.length > LONGEST ? `${written.slice(0, LONGEST)}…` : written}
    </td>
  );
}
