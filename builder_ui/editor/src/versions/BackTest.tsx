import { Button } from "@mantine/core";
import { IconHistoryToggle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { versions } from "@/api/calls";
import { ApiError } from "@/api/client";
import type { BackTest as Found, Replayed } from "@/api/backTests";
import type { StepStatus } from "@/api/types";
import type { Json } from "@/document/types";
import { useText, type Translate } from "@/i18n";
import { flushSaving } from "@/store/opening";
import { ErrorCard } from "@/ui/ErrorCard";
import { Tag } from "@/ui/Tag";
import style from "./backtest.module.css";

const RUNS = 20;
const SHOWN = 6;
const HUES = { same: "ok", differs: "wait", unanswered: "wait", refused: "bad", too_long: "accent" } as const;

/** What the draft would have made of the newest runs, without asking the world again. */
export function BackTest({ flow }: { flow: string }) {
  const text = useText();
  const played = useMutation({
    mutationFn: async (): Promise<Found> => {
      await flushSaving();
      return versions.backTest(flow, RUNS);
    },
  });
  const found = played.data;
  const other = found?.runs.filter((run) => run.verdict !== "same") ?? [];
  return (
    <section className={style.part} data-testid="backtest">
      <div className={style.line}>
        <Button size="xs" leftSection={<IconHistoryToggle size={14} />} loading={played.isPending} onClick={() => played.mutate()}>
          {text("releases.backtest.play", { count: RUNS })}
        </Button>
        {found === undefined ? (
          <span className={style.help}>{text("releases.backtest.help")}</span>
        ) : (
          <output className={style.sum}>{found.runs.length === 0 ? text("releases.backtest.none") : text("releases.backtest.sum", { same: found.runs.length - other.length, count: found.runs.length })}</output>
        )}
      </div>
      {played.error instanceof ApiError && <ErrorCard error={{ message: played.error.message, hint: played.error.hint }} />}
      {other.length > 0 && (
        <ul className={style.list}>
          {other.slice(0, SHOWN).map((run) => (
            <Item key={run.run} run={run} />
          ))}
        </ul>
      )}
      {other.length > SHOWN && <p className={style.help}>{text("releases.backtest.more", { count: other.length - SHOWN })}</p>}
      {found !== undefined && found.left > 0 && <p className={style.help}>{text("releases.backtest.left", { count: found.left })}</p>}
    </section>
  );
}

function Item({ run }: { run: Replayed }) {
  const text = useText();
  return (
    <li className={style.item}>
      {/* Beside what opens and closes: a control in another can't be told apart from it. */}
      <a href={`/runs/${run.run}`} target="_blank" rel="noreferrer">{`#${run.number}`}</a>
      <details>
        <summary>
          <Tag hue={HUES[run.verdict]}>{text(`releases.backtest.verdict.${run.verdict}`)}</Tag>
          <span className={style.help}>{run.reason === "" ? text("releases.backtest.places", { count: run.differences.length }) : run.reason}</span>
        </summary>
        <table className={style.table}>
          <tbody>
            {run.differences.map((one, at) => (
              <tr key={at}>
                <th scope="row">{text(`releases.backtest.what.${one.what}`, { name: one.step })}</th>
                <td>{told(one.what, one.before, text)}</td>
                <td>{told(one.what, one.after, text)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </li>
  );
}

const STATES: readonly StepStatus[] = ["pending", "running", "retrying", "waiting", "succeeded", "failed", "skipped", "cancelled", "uncertain", "compensated"];

/** A state by its word, everything else as it is. */
function told(what: Replayed["differences"][number]["what"], value: Json, text: Translate): string {
  const state = what === "state" ? STATES.find((each) => each === value) : undefined;
  if (state !== undefined) return text(`common.status.${state}`);
  return typeof value === "string" ? value : JSON.stringify(value);
}
