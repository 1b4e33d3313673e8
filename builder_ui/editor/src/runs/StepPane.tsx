import { ActionIcon, Button } from "@mantine/core";
import { IconFlask, IconFocusCentered, IconPlayerTrackNext, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useMay } from "@/api/account";
import { ApiError } from "@/api/client";
import { keepSample } from "@/api/nodeSamples";
import { useStep } from "@/api/queries";
import type { ItemsAsked } from "@/api/operations";
import { nodeOf, titleOf } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { stateOf } from "@/store/fold";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { Attempts } from "@/ui/Attempts";
import { ErrorCard } from "@/ui/ErrorCard";
import { JsonView } from "@/ui/JsonView";
import { LogLines } from "@/ui/LogLines";
import { Opening } from "@/ui/Opening";
import { StatusText } from "@/ui/StatusIcon";
import { Duration } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { AwaitedSignal } from "./AwaitedSignal";
import { Called } from "./Called";
import { HeldStep } from "./HeldStep";
import { holderOf } from "./items";
import { ItemStrip } from "./ItemStrip";
import style from "./StepPane.module.css";

const LockLine = lazy(() => withWords(import("./LockLine")).then((module) => ({ default: module.LockLine })));
const ResolveStep = lazy(() => withWords(import("./ResolveStep")).then((module) => ({ default: module.ResolveStep })));

/** One step: its input as it was resolved, its output, its tries, its logs, its error with what helps. */
export function StepPane({ onStep, onClose, onRerun }: { onStep: (key: string) => void; onClose: () => void; onRerun: (from: string, items?: ItemsAsked) => void }) {
  const text = useText();
  const run = useRun((state) => state.runId);
  const key = useRun((state) => state.stepKey);
  const told = useRun((state) => (state.stepKey === null ? undefined : state.view?.steps.get(state.stepKey)));
  const seq = useRun((state) => state.view?.seq ?? 0);
  const moment = useRun((state) => state.moment?.at ?? null);
  const isPast = useRun((state) => state.cursor !== null);
  const document = useEditor((state) => state.document);
  const maySteer = useMay("runs:steer");
  const mayWrite = useMay("flows:write");
  const [, go] = useLocation();
  const [resolving, setResolving] = useState(false);
  // Of a very long run not every step is told; what isn't is asked for.
  const isThere = told === undefined ? seq > 0 : told.status !== "pending";
  const asked = useStep(isThere ? run : null, isThere ? key : null, told?.seq ?? (isPast ? seq : 0), isPast);
  const { data: detail, isPending } = asked;
  const step = told ?? (detail?.key === key ? stateOf(detail, 0) : undefined);
  const isHeld = !isPast && step?.status === "waiting" && step.waitsOn?.on === "breakpoint";
  if (key === null) return null;
  if (step === undefined) {
    if (!isUnread(asked)) return null;
    return <Missing onClose={onClose}>{asked.error instanceof ApiError && asked.error.status === 404 ? text("timetravel.noStep") : <Unread what={text("step.one")} asked={asked} />}</Missing>;
  }
  const node = nodeOf(document, step.node);
  const list = holderOf(key, step.total !== null);
  const isTop = !key.includes("/") && !key.endsWith("]");
  const show = (): void => {
    useEditor.getState().select({ nodes: [step.node] });
    useView.getState().canvas?.show(step.node);
  };
  const workOn = async (): Promise<void> => {
    const { live } = useRun.getState();
    if (live === null) return;
    try {
      const kept = await keepSample(live.flow, { node: step.node, name: text("first.ofRun", { number: live.number ?? "" }), run: live.id });
      useView.getState().tryOn({ node: step.node, sample: kept.id });
      if (!window.location.pathname.startsWith("/flows/")) go(`/flows/${live.flow}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
    }
  };
  return (
    <section className={style.pane} aria-label={text("step.title", { name: node ? titleOf(node) : step.node })}>
      <header className={style.head}>
        <div className={style.name}>
          <strong>{node ? titleOf(node) : step.node}</strong>
          <code>{key}</code>
        </div>
        <ActionIcon aria-label={text("step.show")} title={text("step.show")} onClick={show}>
          <IconFocusCentered size={15} />
        </ActionIcon>
        <ActionIcon aria-label={text("common.action.close")} onClick={onClose}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      <div className={style.body}>
        <div className={style.line}>
          <StatusText status={step.status} />
          {step.startedAt !== null && <Duration from={step.startedAt} to={step.finishedAt ?? moment} />}
          {step.port !== null && step.port !== "out" && <span>{text("step.port", { port: step.port })}</span>}
          <span className={style.grow} />
          {maySteer && step.status === "uncertain" && <Button onClick={() => setResolving(true)}>{text("step.resolve")}</Button>}
          {mayWrite && isTop && step.status !== "pending" && (
            <Button leftSection={<IconFlask size={14} />} onClick={() => void workOn()}>
              {text("first.debug")}
            </Button>
          )}
          {maySteer && isTop && step.status !== "pending" && (
            <Button leftSection={<IconPlayerTrackNext size={14} />} onClick={() => onRerun(key)}>
              {text("rerun.from")}
            </Button>
          )}
        </div>
        {step.status === "waiting" && step.waitsOn?.on === "signal" && run !== null && <AwaitedSignal run={run} name={step.waitsOn.ref} due={step.due} />}
        {step.status === "waiting" && step.waitsOn?.on === "approval" && <Link href="/approvals">{text("approvals.awaits.open")}</Link>}
        {run !== null && node?.type === "flow.lock" && (
          <Suspense>
            <LockLine run={run} step={step} token={detail?.token ?? null} />
          </Suspense>
        )}
        {maySteer && run !== null && isHeld && detail !== undefined && <HeldStep run={run} step={key} input={detail.input} />}
        {step.error !== null && <ErrorCard error={step.status === "uncertain" ? { ...step.error, hint: text("people.resolve.help") } : step.error} />}
        {run !== null && list !== null && <ItemStrip key={list.holder} run={run} holder={list.holder} item={list.item} onStep={onStep} onRerun={onRerun} />}
        {isThere && isUnread(asked) ? <Unread what={text("step.one")} asked={asked} /> : isThere && isPending && <p className={style.dim}>{text("common.loading")}</p>}
        {detail && (
          <>
            {detail.status !== "skipped" && <JsonView title={text("step.input")} value={detail.input} />}
            {step.status === "succeeded" && <JsonView title={text("step.output")} value={detail.output} />}
            <Called runs={detail.children ?? []} />
            {detail.attempts.length > 0 && (
              <div className={style.part}>
                <h3>{text("step.attempts")}</h3>
                <Attempts attempts={detail.attempts} />
              </div>
            )}
            {detail.logs.length > 0 && (
              <div className={style.part}>
                <h3>{text("runs.tab.logs")}</h3>
                <LogLines lines={detail.logs} />
              </div>
            )}
          </>
        )}
        {step.status === "skipped" && <p className={style.dim}>{text("step.skipped")}</p>}
      </div>
      {run !== null && resolving && (
        <Opening>
          <ResolveStep run={run} step={key} node={step.node} onClose={() => setResolving(false)} />
        </Opening>
      )}
    </section>
  );
}

function Missing({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const text = useText();
  return (
    <section className={style.pane}>
      <header className={style.head}>
        <span className={style.grow} />
        <ActionIcon aria-label={text("common.action.close")} onClick={onClose}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      <div className={`${style.body} ${style.dim}`}>{children}</div>
    </section>
  );
}
