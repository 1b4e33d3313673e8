/** The items of a repeated step, a little cell each, failed first; a press opens what was done for that item. */
import { Button, Checkbox } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconRefresh } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useMay } from "@/api/account";
import { past } from "@/api/past";
import type { ItemsAsked } from "@/api/operations";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useFault } from "@/i18n/faults";
import { useEditor } from "@/store/editor";
import { hasEnded, isOver } from "@/store/fold";
import { useRun } from "@/store/run";
import { StatusIcon } from "@/ui/StatusIcon";
import { Duration } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { countsOf, freshened, shownOrder, statusOfLetter } from "./items";
import style from "./ItemStrip.module.css";

const CELL = 20;
const ASKED_EVERY = 1_000;

interface Props {
  run: string;
  /** The key of the repeated step. */
  holder: string;
  item: number | null;
  onStep: (key: string) => void;
  onRerun: (from: string, items: ItemsAsked) => void;
}

/** The states of all items at the moment that is shown, and the nodes each goes through. */
function useItems(run: string, holder: string) {
  const cursor = useRun((state) => state.cursor);
  const isGoing = useRun((state) => state.live !== null && !isOver(state.live.status));
  const steps = useRun((state) => state.view?.steps);
  const asked = useQuery({
    queryKey: ["run", run, "items", holder, cursor, isGoing],
    queryFn: () => past.items(run, holder, cursor),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === null && isGoing ? ASKED_EVERY : false,
  });
  const { data } = asked;
  const found = useMemo(() => {
    if (data === undefined) return null;
    return { states: cursor === null && steps !== undefined ? freshened(data, holder, steps.values()) : data.states, inside: data.inside };
  }, [data, cursor, steps, holder]);
  return { asked, found };
}

export function ItemStrip({ run, holder, item, onStep, onRerun }: Props) {
  const text = useText();
  const mayStart = useMay("runs:start");
  const [onlyFailed, setOnlyFailed] = useState(false);
  const [chosen, choose] = useState<number | null>(item);
  const { asked, found } = useItems(run, holder);
  const isDone = useRun((state) => state.live !== null && isOver(state.live.status));
  const isCollected = useRun((state) => state.live?.steps.get(holder)?.status === "succeeded");
  const order = useMemo(() => (found === null ? [] : shownOrder(found.states, onlyFailed)), [found, onlyFailed]);
  if (isUnread(asked)) return <Unread what={text("timetravel.items.title")} asked={asked} />;
  if (found === null || found.states === "") return null;
  const counts = countsOf(found.states);
  const failed = counts.find(([status]) => status === "failed")?.[1] ?? 0;
  const shown = item ?? chosen;
  const mayRetry = failed > 0 && isDone && mayStart;
  // A list that stopped at a failure has no output: what it lacks runs together.
  const isFailed = shown !== null && isCollected && statusOfLetter(found.states.charAt(shown)) === "failed";
  const open = (index: number): void => {
    choose(index);
    if (found.inside.length === 0) onStep(`${holder}[${index}]`);
    else if (item !== null && item !== index) onStep(holder);
  };
  return (
    <section className={style.strip} aria-label={text("timetravel.items.title")} data-testid="item-strip">
      <div className={style.bar}>
        <h3>{text("timetravel.items.count", { count: found.states.length })}</h3>
        {counts.map(([status, count]) => (
          <span key={status} className={style.tally}>
            <StatusIcon status={status} size={13} silent />
            {`${count} ${text(`common.status.${status}`)}`}
          </span>
        ))}
        <span className={style.grow} />
        {(failed > 0 || onlyFailed) && <Checkbox size="xs" label={text("timetravel.items.onlyFailed")} checked={onlyFailed} onChange={(event) => setOnlyFailed(event.currentTarget.checked)} />}
      </div>
      {order.length === 0 ? <p className={style.none}>{text("timetravel.items.noneFailed")}</p> : <Cells states={found.states} order={order} chosen={shown} onOpen={open} />}
      {mayRetry && (
        <div className={style.bar}>
          <Button size="compact-xs" leftSection={<IconRefresh size={13} />} onClick={() => onRerun(holder, "failed")}>
            {text("messages.again.failed")}
          </Button>
          {isFailed && <Button size="compact-xs" onClick={() => onRerun(holder, [shown])}>{text("messages.again.one", { index: shown })}</Button>}
        </div>
      )}
      {shown !== null && found.inside.length > 0 && <StepsOfItem run={run} holder={holder} item={shown} isTaken={hasEnded(statusOfLetter(found.states.charAt(shown)))} onStep={onStep} />}
    </section>
  );
}

function Cells({ states, order, chosen, onOpen }: { states: string; order: readonly number[]; chosen: number | null; onOpen: (index: number) => void }) {
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(16);
  const [active, setActive] = useState(0);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const watch = new ResizeObserver(() => setColumns(Math.max(4, Math.floor(current.clientWidth / CELL))));
    watch.observe(current);
    return () => watch.disconnect();
  }, []);
  // Nothing here is compiled to be memoized, which is all the rule is about.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({ count: Math.ceil(order.length / columns), getScrollElement: () => box.current, estimateSize: () => CELL, overscan: 4 });
  const at = Math.min(active, order.length - 1);
  const walk = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -order.length, End: order.length };
    const by = steps[event.key];
    const index = order[at];
    if ((event.key === "Enter" || event.key === " ") && index !== undefined) onOpen(index);
    else if (by !== undefined) {
      const next = Math.min(order.length - 1, Math.max(0, at + by));
      setActive(next);
      rows.scrollToIndex(Math.floor(next / columns));
    } else return;
    event.preventDefault();
  };
  const idOf = (index: number): string => `item-cell-${index}`;
  return (
    <div className={style.cells} ref={box} role="listbox" tabIndex={0} aria-label={text("timetravel.items.title")} aria-activedescendant={idOf(order[at] ?? 0)} onKeyDown={walk}>
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map((row) => (
          <div key={row.key} role="presentation" className={style.row} style={{ transform: `translateY(${row.start}px)` }}>
            {order.slice(row.index * columns, (row.index + 1) * columns).map((index, place) => {
              const status = statusOfLetter(states.charAt(index));
              const label = text("timetravel.items.item", { index, status: text(`common.status.${status}`) });
              return (
                <button
                  key={index}
                  type="button"
                  id={idOf(index)}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  aria-label={label}
                  title={label}
                  className={style.cell}
                  data-active={row.index * columns + place === at || undefined}
                  onClick={() => {
                    setActive(row.index * columns + place);
                    onOpen(index);
                  }}
                >
                  <StatusIcon status={status} size={15} silent />
                </button>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** What an item of a container went through. */
function StepsOfItem({ run, holder, item, isTaken, onStep }: { run: string; holder: string; item: number; isTaken: boolean; onStep: (key: string) => void }) {
  const text = useText();
  const fault = useFault();
  const document = useEditor((state) => state.document);
  const opened = useRun((state) => state.stepKey);
  const cursor = useRun((state) => state.cursor);
  const seq = useRun((state) => state.view?.seq ?? 0);
  const isGoing = useRun((state) => state.live !== null && !isOver(state.live.status));
  const key = `${holder}[${item}]`;
  const asked = useQuery({
    queryKey: ["run", run, "inside", key, cursor === null && isGoing ? Math.floor(seq / 50) : "end"],
    queryFn: () => past.inside(run, key),
    placeholderData: (before, query) => (query?.queryKey[3] === key ? before : undefined),
    refetchInterval: isGoing ? ASKED_EVERY : false,
  });
  const { data } = asked;
  const steps = data?.results ?? [];
  return (
    <div className={style.inside}>
      <h3>{text("timetravel.items.steps", { index: item })}</h3>
      {isUnread(asked) && <Unread key={key} what={text("timetravel.items.steps", { index: item })} asked={asked} />}
      {data !== undefined && steps.length === 0 && <p className={style.none}>{text(isTaken ? "messages.again.taken" : "timetravel.items.notBegun")}</p>}
      {steps.map((step) => {
        const node = nodeOf(document, step.node);
        return (
          <button key={step.key} type="button" className={style.step} data-on={step.key === opened || undefined} onClick={() => onStep(step.key)}>
            <StatusIcon status={step.status} size={14} />
            <span>{node === undefined ? step.node : titleOf(node)}</span>
            {step.error !== null && <em>{fault(step.error.message)}</em>}
            <Duration from={step.started_at} to={step.finished_at} />
          </button>
        );
      })}
    </div>
  );
}
