/** The tests that the document holds: played together, each with what it says, and what they never reach. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconFlask, IconGhost, IconPlayerPlay, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { runs } from "@/api/calls";
import { ApiError } from "@/api/client";
import { past } from "@/api/past";
import type { Coverage, Place } from "@/api/flowTests";
import { nodeOf, titleOf, type Case } from "@/document/types";
import { useText } from "@/i18n";
import { useDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { resultOf, usePlayed } from "@/store/played";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { EmptyState } from "@/ui/EmptyState";
import { answeredOutside, canBeCase, caseOf } from "./caseOf";
import { DryRunPanel } from "./DryRunPanel";
import style from "./TestsPanel.module.css";
import { useWhole } from "./useJournal";

const NONE: Case[] = [];

export function TestsPanel({ flow }: { flow: string }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  const played = usePlayed();
  const isDry = useDry((state) => state.isOpen);
  const tests = document.tests ?? NONE;
  const isOurs = played.flow === flow;
  const answer = isOurs ? played.answer : null;
  const failed = answer?.cases.filter((one) => !one.passed).length ?? 0;
  const isOld = answer !== null && played.document !== document;
  return (
    <div className={style.panel}>
      <header className={style.head}>
        <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} disabled={tests.length === 0} loading={isOurs && played.isPlaying} onClick={() => void played.play(flow, document)}>
          {text("tests.runAll")}
        </Button>
        <MakeCase />
        <Button leftSection={<IconGhost size={14} />} aria-pressed={isDry} variant={isDry ? "light" : "default"} onClick={() => (isDry ? useDry.getState().leave() : useDry.getState().open())}>
          {text("tests.dry")}
        </Button>
        <p className={style.summary} role="status">
          {answer !== null && (
            <>
              <span data-bad={failed > 0 || undefined}>{failed === 0 ? text("tests.allPassed", { count: answer.cases.length }) : text("tests.someFailed", { failed, of: answer.cases.length })}</span>
              {isOld && <em>{text("tests.old")}</em>}
            </>
          )}
        </p>
      </header>
      {isDry ? (
        <DryRunPanel flow={flow} />
      ) : tests.length === 0 ? (
        <EmptyState compact icon={<IconFlask size={20} />} title={text("tests.none")}>
          {text("tests.noneHint")}
        </EmptyState>
      ) : (
        <div className={style.columns}>
          <ul className={style.list} aria-label={text("tests.title")}>
            {tests.map((test, at) => (
              <Item key={`${test.name}/${at}`} test={test} at={at} isOurs={isOurs} />
            ))}
          </ul>
          {answer !== null && <Reached coverage={answer.coverage} />}
        </div>
      )}
    </div>
  );
}

/** The run that is shown becomes a test: one edit, which undo takes back. */
function MakeCase() {
  const text = useText();
  useWhole();
  const isFit = useRun(({ live }) => canBeCase(live));
  const readOnly = useEditor((state) => state.readOnly);
  const [isMaking, setMaking] = useState(false);
  if (readOnly) return null;
  const make = async (): Promise<void> => {
    const { document, catalogue, flow } = useEditor.getState();
    const run = useRun.getState().live;
    if (!canBeCase(run)) return;
    setMaking(true);
    try {
      const answers = await Promise.all(answeredOutside(run, document, catalogue).map((key) => runs.step(run.id, key)));
      const began = (await past.brief(run.id, 0, 1)).results[0]?.data["trigger"];
      const now = useEditor.getState();
      if (now.flow?.id !== flow?.id) return;
      const name = run.number === null ? text("tests.caseName") : text("tests.caseOfRun", { number: run.number });
      const made = caseOf(run, typeof began === "string" ? began : null, answers, now.document, name);
      now.dispatch({ kind: "update_flow", patch: { tests: [...(now.document.tests ?? []), made] } }, { key: "tests.edit.make", params: { name: made.name } });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
    } finally {
      setMaking(false);
    }
  };
  return (
    <Tooltip label={text(isFit ? "tests.makeHint" : "tests.makeNone")} multiline maw={280}>
      <Button leftSection={<IconPlus size={14} />} data-disabled={!isFit || undefined} aria-disabled={!isFit} loading={isMaking} onClick={() => void make()}>
        {text("tests.make")}
      </Button>
    </Tooltip>
  );
}

function Item({ test, at, isOurs }: { test: Case; at: number; isOurs: boolean }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const result = usePlayed((state) => (isOurs ? resultOf(state, test) : null));
  const state = result === null ? "none" : result.passed ? "passed" : "failed";
  const remove = (): void => {
    const { document, dispatch } = useEditor.getState();
    const left = (document.tests ?? []).filter((_, place) => place !== at);
    dispatch({ kind: "update_flow", patch: { tests: left } }, { key: "tests.edit.remove", params: { name: test.name } });
  };
  const Sign = { none: IconCircleDashed, passed: IconCircleCheck, failed: IconCircleX }[state];
  return (
    <li className={style.item} data-state={state}>
      <Sign size={16} className={style.sign} role="img" aria-label={text(`tests.state.${state}`)} />
      <div className={style.words}>
        <strong>{test.name}</strong>
        {result?.wrong.map((sentence, place) => <span key={place}>{sentence}</span>)}
      </div>
      {!readOnly && (
        <Tooltip label={text("tests.remove")}>
          <ActionIcon size="sm" onClick={remove} aria-label={text("tests.removeNamed", { name: test.name })}>
            <IconTrash size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}

/** The share that the tests reach, and every place none of them does; a click goes to its node. */
function Reached({ coverage }: { coverage: Coverage }) {
  const text = useText();
  const { share, nodes, ports, never } = coverage;
  return (
    <section className={style.reached} aria-label={text("tests.coverage.title")}>
      <h3>
        {text("tests.coverage.title")} <b>{text("tests.coverage.share", { share })}</b>
      </h3>
      <div className={style.bar} data-whole={share === 100 || undefined} aria-hidden>
        <div style={{ width: `${share}%` }} />
      </div>
      <p>{text("tests.coverage.counts", { nodes: nodes.reached, ofNodes: nodes.count, ports: ports.reached, ofPorts: ports.count })}</p>
      {never.length > 0 && (
        <>
          <h4>{text("tests.coverage.never")}</h4>
          <ul>
            {never.map((place) => (
              <li key={`${place.node}.${place.port ?? ""}`}>
                <Never place={place} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Never({ place }: { place: Place }) {
  const text = useText();
  const node = useEditor((state) => nodeOf(state.document, place.node));
  const go = (): void => {
    useEditor.getState().select({ nodes: [place.node] });
    useView.getState().canvas?.show(place.node);
  };
  const title = node === undefined ? place.node : titleOf(node);
  return (
    <button className={style.go} onClick={go} disabled={node === undefined}>
      {place.port === null ? title : text("tests.coverage.port", { node: title, port: place.port })}
    </button>
  );
}
