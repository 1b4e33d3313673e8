/** A flow, opened: its draft on the canvas, saved as it changes. */
import { useCallback, useEffect, useState } from "react";
import { useMay } from "@/api/account";
import { ApiError } from "@/api/client";
import { useFlow } from "@/api/queries";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { openFlow } from "@/store/opening";
import { Missing, missingOf } from "../Missing";
import { Waiting } from "../Pages";
import { useRunsFeed } from "../pages/useRunsFeed";
import { tell } from "../told";
import { Header } from "./Header";
import { Layout } from "./Layout";
import { RunDialog } from "./RunDialog";
import { useCatalogue } from "./useCatalogue";
import { usePlace, useRunInAddress, watchingTab } from "./usePlace";
import { useFindings } from "./useFindings";

export default function EditorPage({ id }: { id: string }) {
  const flow = useFlow(id);
  const types = useCatalogue();
  const mayWrite = useMay("flows:write");
  const name = flow.data?.name;
  const readOnly = !mayWrite || Boolean(flow.data?.archived_at);
  const isOpen = useEditor((state) => state.flow?.id === id);
  const [error, setError] = useState<ApiError | null>(null);
  const [attempt, again] = useState(0);
  const isKnown = name !== undefined;

  useEffect(() => {
    if (!isKnown) return;
    const left = new AbortController();
    let close: (() => void) | null = null;
    openFlow({ id, name }, readOnly, left.signal).then(
      (closing) => (close = closing),
      (refused: unknown) => {
        if (!(refused instanceof ApiError)) throw refused;
        if (!left.signal.aborted) setError(refused);
      },
    );
    return () => {
      left.abort();
      close?.();
    };
    // The name alone never opens the flow anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id, isKnown, readOnly, attempt]);

  const opening = {
    data: undefined,
    error,
    errorUpdateCount: error === null ? 0 : 1,
    isError: error !== null,
    isFetching: false,
    refetch: () => {
      setError(null);
      again(attempt + 1);
      return Promise.resolve();
    },
  };
  const missing = missingOf(["app.part.flow", flow], ["app.part.draft", opening], ["app.part.types", types]);
  if (missing !== null) return <Missing part={missing} />;
  if (!isOpen || types.data === undefined || name === undefined) return <Waiting />;
  return <Opened id={id} name={name} />;
}

function Opened({ id, name }: { id: string; name: string }) {
  const text = useText();
  const [place, change] = usePlace();
  useRunInAddress(place.run, change);
  useRunsFeed(id);
  useFindings(id);
  const areVersionsOpen = place.side === "versions";
  const toggleVersions = useCallback(() => change({ side: areVersionsOpen ? null : "versions" }), [change, areVersionsOpen]);
  return (
    <Layout
      flow={id}
      place={place}
      onPlace={change}
      onRun={(run) => change({ run, step: null, tab: watchingTab(), drawer: null })}
      header={<Header flow={id} name={name} onVersions={toggleVersions} versionsOpen={areVersionsOpen} />}
      onPublished={(version) => tell(text("versions.publish.done", { version }))}
    >
      <RunDialog flow={id} />
    </Layout>
  );
}
