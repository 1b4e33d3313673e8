/** The bottom region: the run that is shown, step by step, and what is wrong with the draft. Its state is handed in. */
import { ActionIcon, Tabs, Tooltip } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { lazy, memo, Suspense, useEffect, useState } from "react";
import { useRuns } from "@/api/queries";
import type { ItemsAsked } from "@/api/operations";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useRun, useRunHead } from "@/store/run";
import { Opening } from "@/ui/Opening";
import { ResizeHandle } from "@/ui/SplitPane";
import { useTurn } from "@/ui/useTurn";
import { RunChip } from "./RunChip";
import { RunControls } from "./RunControls";
import style from "./RunsDrawer.module.css";

const Logs = lazy(() => import("./Logs").then((module) => ({ default: module.Logs })));
const Problems = lazy(() => withWords(import("./Problems")).then((module) => ({ default: module.Problems })));
const RunTable = lazy(() => import("./RunTable").then((module) => ({ default: module.RunTable })));
const StepList = lazy(() => import("./StepList").then((module) => ({ default: module.StepList })));
const Timeline = lazy(() => import("./Timeline").then((module) => ({ default: module.Timeline })));
const StepPane = lazy(() => withWords(import("./StepPane")).then((module) => ({ default: module.StepPane })));
const RerunDialog = lazy(() => withWords(import("./RerunDialog")).then((module) => ({ default: module.RerunDialog })));
const MoveDialog = lazy(() => withWords(import("./MoveDialog")).then((module) => ({ default: module.MoveDialog })));
const TestsPanel = lazy(() => withWords(import("./TestsPanel")).then((module) => ({ default: module.TestsPanel })));

const TimeBar = lazy(() => withWords(import("./TimeBar")).then((module) => ({ default: module.TimeBar })));

export const DRAWER_TABS = ["timeline", "steps", "logs", "problems", "tests", "runs"] as const;
export type DrawerTab = (typeof DRAWER_TABS)[number];

/** What speaks of the flow and not of one step, and so takes the whole width. */
const WHOLE_TABS: ReadonlySet<DrawerTab> = new Set(["problems", "tests", "runs"]);

interface Props {
  flow: string;
  tab: DrawerTab;
  open: boolean;
  height: number;
  step: string | null;
  onTab: (tab: DrawerTab) => void;
  onOpen: (open: boolean) => void;
  onHeight: (height: number) => void;
  onStep: (step: string | null) => void;
  onRun: (run: string) => void;
}

const LEAST = 140;

export function RunsDrawer(props: Props) {
  const text = useText();
  const { flow, tab, open, step, onStep } = props;
  const shown = useRun((state) => state.runId);
  const isStarting = useRun((state) => state.isStarting);
  const now = useRunHead();
  const recent = useRuns({ flow, limit: 3 });
  const [rerun, setRerun] = useState<{ from: string | null; items?: ItemsAsked | undefined } | null>(null);
  useEffect(() => useRun.getState().openStep(step), [step, shown]);
  const [moved, setMoved] = useState<string | null>(null);
  const chips = [...(recent.data?.results ?? [])].reverse();
  const tabs: Record<DrawerTab, React.ReactNode> = {
    timeline: <Timeline onStep={onStep} />,
    steps: <StepList onStep={onStep} />,
    logs: <Logs onStep={onStep} />,
    problems: <Problems />,
    tests: <TestsPanel flow={flow} />,
    runs: <RunTable flow={flow} onRun={props.onRun} />,
  };
  const hasBar = open && (shown !== null || isStarting) && !WHOLE_TABS.has(tab);
  const isBarThere = useTurn(hasBar);
  const isContentThere = useTurn(open);
  const areControlsThere = useTurn(now !== null);
  const hasPane = step !== null && now !== null && !WHOLE_TABS.has(tab);
  return (
    <section className={style.drawer} style={{ height: open ? props.height : undefined }} data-open={open || undefined} aria-label={text("runs.title")} data-region="runs">
      {open && <ResizeHandle edge="top" size={props.height} min={LEAST} max={Math.round(window.innerHeight * 0.75)} onResize={props.onHeight} label={text("runs.resize")} />}
      <header className={style.bar}>
        <TabBar tab={open ? tab : null} onTab={props.onTab} />
        <div className={style.chips}>
          {chips.map((run) => (
            <RunChip key={run.id} run={run.id === shown && now !== null ? { ...run, status: now.status } : run} active={run.id === shown} onClick={() => props.onRun(run.id)} />
          ))}
        </div>
        <div className={style.actions}>
          {areControlsThere && <RunControls onRerun={(from, items) => setRerun({ from, items })} onMove={() => setMoved(shown)} />}
          <Tooltip label={text(open ? "runs.fold" : "runs.unfold")}>
            <ActionIcon onClick={() => props.onOpen(!open)} aria-label={text(open ? "runs.fold" : "runs.unfold")} aria-expanded={open}>
              {open ? <IconChevronDown size={16} /> : <IconChevronUp size={16} />}
            </ActionIcon>
          </Tooltip>
        </div>
      </header>
      {hasBar && <div className={style.timeBar}>{isBarThere && <Suspense><TimeBar /></Suspense>}</div>}
      {open && (
        <div className={style.body} data-pane={hasPane || undefined}>
          <div className={style.content}>
            {isContentThere && <Suspense>{tabs[tab]}</Suspense>}
          </div>
          {hasPane && (
            <Suspense>
              <StepPane onStep={onStep} onClose={() => onStep(null)} onRerun={(from, items) => setRerun({ from, items })} />
            </Suspense>
          )}
        </div>
      )}
      {moved !== null && moved === shown && (
        <Opening>
          <MoveDialog onClose={() => setMoved(null)} />
        </Opening>
      )}
      {rerun !== null && (
        <Opening>
          <RerunDialog
            from={rerun.from}
            items={rerun.items}
            onClose={() => setRerun(null)}
            onStarted={(started) => {
              setRerun(null);
              props.onRun(started.id);
            }}
          />
        </Opening>
      )}
    </section>
  );
}

interface TabBarProps {
  tab: DrawerTab | null;
  onTab: (tab: DrawerTab) => void;
}

const TabBar = memo(function TabBar({ tab, onTab }: TabBarProps) {
  const text = useText();
  const problems = useEditor((state) => state.problems.length);
  return (
    <Tabs value={tab} onChange={(next) => onTab((next ?? "timeline") as DrawerTab)} className={style.tabs}>
      <Tabs.List className={style.tabList}>
        {DRAWER_TABS.map((each) => (
          <Tabs.Tab key={each} value={each} data-tab={each} onClick={() => onTab(each)} rightSection={each === "problems" ? <span className={style.count} data-none={problems === 0 || undefined}>{problems}</span> : undefined}>
            {text(`runs.tab.${each}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
});
