/** A run, opened: the document it goes by, read-only, with the run upon it. */
import { Button } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { get } from "@/api/client";
import { useFlow, useRunView } from "@/api/queries";
import type { FlowDocument } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useRun, useRunHead } from "@/store/run";
import { StatusText } from "@/ui/StatusIcon";
import { Tag } from "@/ui/Tag";
import { Duration } from "@/ui/Times";
import { Missing, missingOf } from "../Missing";
import { Waiting } from "../Pages";
import { useRunsFeed } from "../pages/useRunsFeed";
import head from "./Header.module.css";
import { InLine } from "./InLine";
import { Layout } from "./Layout";
import { useCatalogue } from "./useCatalogue";
import { usePlace } from "./usePlace";

const Beside = lazy(() => withWords(import("./Beside")).then((module) => ({ default: module.Beside })));

export default function RunPage({ id }: { id: string }) {
  const run = useRunView(id);
  const flowId = run.data?.flow;
  const flow = useFlow(flowId ?? "", flowId !== undefined);
  const drawn = useDrawn(id);
  const types = useCatalogue();
  const isDrawn = useEditor((state) => state.flow !== null && state.readOnly);
  const isFollowed = useRun((state) => state.runId === id);
  const name = flow.data?.name;
  const document = drawn.document;
  const isReady = flowId !== undefined && document !== undefined && name !== undefined;
  useEffect(() => {
    if (isReady) useEditor.getState().open({ id: flowId, name, document, readOnly: true });
  }, [isReady, flowId, name, document]);
  useEffect(() => {
    if (!isReady) return;
    useRun.getState().follow(id);
    return () => {
      useRun.getState().leave();
      useEditor.getState().close();
    };
  }, [id, isReady]);
  const missing = missingOf(["app.part.run", run], ["app.part.run", drawn.asked], ["app.part.flow", flow], ["app.part.types", types]);
  if (missing !== null) return <Missing part={missing} />;
  if (!isDrawn || !isFollowed || types.data === undefined || flowId === undefined) return <Waiting />;
  return <Opened flow={flowId} name={name ?? ""} environment={run.data?.environment ?? null} />;
}

/** What the run goes by; at a moment of its past, what it went by then. One version's document is one object. */
function useDrawn(id: string): { document: FlowDocument | undefined; asked: UseQueryResult<FlowDocument> } {
  const client = useQueryClient();
  const known = useRef(new Map<string, FlowDocument>());
  const version = useRun((state) => (state.runId === id ? state.live?.version : undefined));
  const at = useRun((state) => (state.runId === id && state.live?.moved === true && state.cursor !== null ? (state.view?.seq ?? null) : null));
  const ask = async (query: string): Promise<FlowDocument> => {
    const { document, version: of } = await get<{ document: FlowDocument; version: number | null }>(`/api/runs/${id}/document/${query}`);
    const key = `${id} ${of}`;
    if (!known.current.has(key)) known.current.set(key, document);
    return known.current.get(key) ?? document;
  };
  const present = useQuery({ queryKey: ["run", id, "document"], queryFn: () => ask(""), staleTime: Infinity, structuralSharing: false });
  const past = useQuery({ queryKey: ["run", id, "document", at], queryFn: () => ask(`?at=${at}`), enabled: at !== null, staleTime: Infinity, structuralSharing: false, placeholderData: keepPreviousData });
  const before = useRef(version);
  useEffect(() => {
    if (before.current !== undefined && version !== undefined && before.current !== version) void client.invalidateQueries({ queryKey: ["run", id, "document"], exact: true });
    before.current = version;
  }, [client, id, version]);
  return { document: (at !== null ? past.data : undefined) ?? present.data, asked: present };
}

function Opened({ flow, name, environment }: { flow: string; name: string; environment: string | null }) {
  const [place, change] = usePlace();
  const [, go] = useLocation();
  useRunsFeed(flow);
  return <Layout flow={flow} place={{ ...place, open: place.open || !new URLSearchParams(window.location.search).has("drawer") }} onPlace={change} onRun={(run) => go(`/runs/${run}`)} header={<RunHeader flow={flow} name={name} environment={environment} />} />;
}

function RunHeader({ flow, name, environment }: { flow: string; name: string; environment: string | null }) {
  const text = useText();
  const run = useRunHead();
  const [, go] = useLocation();
  return (
    <header className={head.header}>
      <div className={head.crumbs}>
        <Link href="/runs" className={head.crumb}>
          {text("app.nav.runs")}
        </Link>
        <span aria-hidden className={head.crumb}>
          /
        </span>
        <h1 className={head.run}>
          <Link href={`/flows/${flow}`} className={head.name}>
            {name}
          </Link>
          <strong>{run?.number == null ? "" : `#${run.number}`}</strong>
        </h1>
        {run?.parent != null && (
          <Link href={`/runs/${run.parent.run}?step=${encodeURIComponent(run.parent.step)}`} className={head.crumb}>
            {text("calls.parent", { flow: run.parent.flow_name, number: run.parent.number })}
          </Link>
        )}
        {run !== null && (
          <Suspense>
            <Beside run={run.id} onRun={(other) => go(`/runs/${other}`)} />
          </Suspense>
        )}
        {run !== null && <Tag>{run.version === null ? text("runs.draft") : `v${run.version}`}</Tag>}
        {environment !== null && <Tag>{environment}</Tag>}
      </div>
      <span className={head.grow} />
      {run !== null && (
        <span className={head.status}>
          <StatusText status={run.status} />
          <InLine run={run.id} status={run.status} />
          <Duration from={run.startedAt} to={run.finishedAt} />
        </span>
      )}
      <Button component={Link} href={`/flows/${flow}${run ? `?run=${run.id}` : ""}`} className={head.wide}>
        {text("app.editor.openDraft")}
      </Button>
    </header>
  );
}
