/** Working on one node: what it is given, and running it alone, up to it or on from it. */
import { ActionIcon, Button, Loader, Select, TextInput } from "@mantine/core";
import { IconAntenna, IconDeviceFloppy, IconPlayerPlay, IconPlayerPlayFilled, IconPlayerTrackNext, IconSchema, IconTrash, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useMay } from "@/api/account";
import { ApiError } from "@/api/client";
import { keepSample, removeSample, useNodeSamples, type Given, type NodeSample } from "@/api/nodeSamples";
import type { StartBody } from "@/api/types";
import { stateNow } from "@/commands";
import { runPart } from "@/commands/running";
import { nodesRead } from "@/document/expressions";
import { withLearned } from "@/document/learned";
import { nodeOf, type DocumentNode, type Json, type JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useRun } from "@/store/run";
import { useView } from "@/store/view";
import { CodeEditor } from "@/ui/CodeEditor";
import { setFlow } from "./edits";
import { useSamples } from "./expression/scope";
import style from "./TryNode.module.css";

/** What the node is given: what the last run left, what is pinned, what is typed, or a sample by its id. */
type With = "last" | "pins" | "typed" | (string & {});

export function TryNode({ node }: { node: DocumentNode }) {
  const flow = useEditor((state) => state.flow?.id ?? "");
  const { data } = useNodeSamples(flow);
  const samples = useMemo(() => (data ?? []).filter((sample) => sample.node === node.id), [data, node.id]);
  const wanted = useView((state) => (state.trying?.node === node.id ? state.trying.sample : null));
  // A sample that was asked for from elsewhere is chosen anew, whatever was chosen before.
  return <Trying key={wanted ?? ""} node={node} flow={flow} samples={samples} first={wanted ?? "last"} />;
}

/** Inside a list a node has an item; there and in other containers it runs alone or not at all. */
function useWalls(node: DocumentNode): { isInside: boolean; isItem: boolean } {
  const document = useEditor((state) => state.document);
  return useMemo(() => {
    const types: string[] = [];
    for (let parent = node.parent ?? null; parent !== null; ) {
      const wall = nodeOf(document, parent);
      types.push(wall?.type ?? "");
      parent = wall?.parent ?? null;
    }
    return { isInside: types.length > 0, isItem: types.includes("flow.for_each") };
  }, [document, node.parent]);
}

function Trying({ node, flow, samples, first }: { node: DocumentNode; flow: string; samples: NodeSample[]; first: With }) {
  const text = useText();
  const isTrigger = useEditor((state) => state.catalogue.get(node.type)?.role === "trigger");
  const pins = useEditor((state) => Object.keys(state.document.pins ?? {}).length);
  const readOnly = useEditor((state) => state.readOnly);
  const mayRun = useMay("runs:start");
  const [chosen, choose] = useState<With>(first);
  const [typed, setTyped] = useState<string | null>(null);
  const walls = useWalls(node);
  const seen = useSeen(node, walls.isItem);
  const kept = samples.filter((sample) => sample.value !== null);
  const sample = kept.find((each) => each.id === chosen);
  const written = chosen === "typed" ? (typed ?? textOf(seen)) : sample?.value ? textOf(sample.value) : null;
  const given = written === null ? null : givenOf(written);
  const isBroken = written !== null && given === null;
  const edit = (next: string): void => {
    setTyped(next);
    choose("typed");
  };
  const options = [
    { value: "last", label: text("samples.try.last") },
    ...(pins > 0 ? [{ value: "pins", label: text("samples.try.pins") }] : []),
    ...kept.map((each) => ({ value: each.id, label: each.name })),
    { value: "typed", label: text("samples.try.typed") },
  ];
  return (
    <div className={style.stack} data-testid="try-node">
      <Select label={text("samples.try.with")} data={options} value={sample === undefined && !["last", "pins", "typed"].includes(chosen) ? "last" : chosen} allowDeselect={false} onChange={(next) => choose(next ?? "last")} />
      {written === null ? (
        <>
          <p className={style.about}>{text(chosen === "pins" ? "samples.try.aboutPins" : "samples.try.aboutLast")}</p>
          {walls.isItem && <p className={style.about}>{text("samples.try.everyItem")}</p>}
        </>
      ) : (
        <CodeEditor value={written} onChange={edit} language="json" label={text("samples.try.given")} invalid={isBroken} minHeight={120} />
      )}
      {mayRun && <Runs node={node} isTrigger={isTrigger} isInside={walls.isInside} given={given ?? (isTrigger && chosen === "last" ? seen : null)} usePins={chosen === "pins"} disabled={isBroken} />}
      {!readOnly && (
        <>
          {given !== null && chosen === "typed" && <Keep key={samples.length} flow={flow} node={node} given={given} taken={kept.length} onKept={choose} />}
          {sample !== undefined && <OfSample flow={flow} sample={sample} isTrigger={isTrigger} onGone={() => choose("last")} />}
          <Catch flow={flow} node={node} listening={samples.find((each) => each.value === null)} count={kept.length} onListen={choose} />
        </>
      )}
    </div>
  );
}

/** What the run that is shown, or the newest, gave to this node. */
function useSeen(node: DocumentNode, isItem: boolean): Given {
  const ids = useMemo(() => [...nodesRead((node.config ?? {}) as Json), ...nodesRead(node.each?.items)], [node]);
  const { input, nodes } = useSamples(ids);
  return { input: input ?? {}, nodes: Object.fromEntries(Object.entries(nodes).flatMap(([id, value]): [string, Json][] => (value === undefined ? [] : [[id, value]]))), ...(isItem ? { item: null } : {}) };
}

const textOf = (given: Given): string => JSON.stringify(given, null, 2);

const isObject = (value: unknown): value is JsonObject => value !== null && typeof value === "object" && !Array.isArray(value);

function givenOf(written: string): Given | null {
  try {
    const value = JSON.parse(written) as Json;
    if (!isObject(value) || !isObject(value.input ?? {}) || !isObject(value.nodes ?? {})) return null;
    return { input: value.input ?? {}, nodes: (value.nodes ?? {}) as JsonObject, ...(value.item == null ? {} : { item: value.item }) };
  } catch {
    return null;
  }
}

function Runs({ node, isTrigger, isInside, given, usePins, disabled }: { node: DocumentNode; isTrigger: boolean; isInside: boolean; given: Given | null; usePins: boolean; disabled: boolean }) {
  const text = useText();
  const start = (part: Pick<StartBody, "only" | "until" | "from" | "trigger">): void => {
    const whole = part.trigger !== undefined;
    const item = isInside && given?.item !== undefined ? { item: given.item } : {};
    void runPart(stateNow(), { ...part, ...item, use_pins: usePins, ...(given === null ? {} : { input: given.input, ...(whole ? {} : { given: given.nodes }) }) });
  };
  if (isTrigger) {
    return (
      <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} disabled={disabled} onClick={() => start({ trigger: node.id })}>
        {text("samples.try.whole")}
      </Button>
    );
  }
  return (
    <div className={style.runs}>
      <Button variant="filled" leftSection={<IconPlayerTrackNext size={14} />} disabled={disabled} onClick={() => start({ only: node.id })}>
        {text("samples.try.only")}
      </Button>
      {!isInside && (
        <>
          <Button leftSection={<IconPlayerPlay size={14} />} disabled={disabled} onClick={() => start({ until: node.id })}>
            {text("samples.try.until")}
          </Button>
          <Button leftSection={<IconPlayerPlayFilled size={14} />} disabled={disabled} onClick={() => start({ from: node.id })}>
            {text("samples.try.from")}
          </Button>
        </>
      )}
    </div>
  );
}

/** Do what the server may refuse; a refusal is told. */
async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    useView.getState().fail(error);
  }
}

function Keep({ flow, node, given, taken, onKept }: { flow: string; node: DocumentNode; given: Given; taken: number; onKept: (sample: string) => void }) {
  const text = useText();
  const [name, setName] = useState(() => text("samples.try.newName", { count: taken + 1 }));
  const keep = (): Promise<void> => told(async () => onKept((await keepSample(flow, { node: node.id, name, value: given })).id));
  return (
    <form
      className={style.row}
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}
    >
      <TextInput label={text("samples.try.name")} value={name} maxLength={80} onChange={(event) => setName(event.currentTarget.value)} className={style.grow} />
      <Button type="submit" leftSection={<IconDeviceFloppy size={14} />} disabled={name.trim() === ""}>
        {text("samples.try.keep")}
      </Button>
    </form>
  );
}

function OfSample({ flow, sample, isTrigger, onGone }: { flow: string; sample: NodeSample; isTrigger: boolean; onGone: () => void }) {
  const text = useText();
  const learn = (): void => {
    const { document } = useEditor.getState();
    if (sample.value !== null) setFlow({ inputs: withLearned(document.inputs ?? {}, sample.value.input) });
    useView.getState().tell({ key: "samples.try.learnt" });
  };
  return (
    <div className={style.row}>
      <span className={style.about}>{text(`samples.try.source.${sample.source}`, { by: sample.by })}</span>
      {isTrigger && (
        <Button size="compact-sm" variant="subtle" leftSection={<IconSchema size={14} />} onClick={learn}>
          {text("samples.try.learn")}
        </Button>
      )}
      <ActionIcon aria-label={text("samples.try.remove", { name: sample.name })} title={text("samples.try.remove", { name: sample.name })} onClick={() => void told(async () => removeSample(flow, sample.id).then(onGone))}>
        <IconTrash size={15} />
      </ActionIcon>
    </div>
  );
}

function Catch({ flow, node, listening, count, onListen }: { flow: string; node: DocumentNode; listening: NodeSample | undefined; count: number; onListen: (sample: string) => void }) {
  const text = useText();
  const run = useRun((state) => state.runId);
  const number = useRun((state) => state.live?.number ?? null);
  const isWebhook = node.type === "trigger.webhook";
  if (listening !== undefined) {
    return (
      <div className={style.listening} role="status">
        <Loader size={14} />
        <span className={style.grow}>{text(isWebhook ? "samples.try.listensHook" : "samples.try.listens")}</span>
        <ActionIcon aria-label={text("samples.try.stop")} title={text("samples.try.stop")} onClick={() => void told(() => removeSample(flow, listening.id))}>
          <IconX size={15} />
        </ActionIcon>
      </div>
    );
  }
  const listen = (): Promise<void> => told(async () => onListen((await keepSample(flow, { node: node.id, name: text("samples.try.caught", { count: count + 1 }), listen: true })).id));
  return (
    <div className={style.runs}>
      <Button variant="subtle" leftSection={<IconAntenna size={14} />} onClick={() => void listen()}>
        {text(isWebhook ? "samples.try.catchHook" : "samples.try.catch")}
      </Button>
      {run !== null && (
        <Button variant="subtle" leftSection={<IconDeviceFloppy size={14} />} onClick={() => void told(async () => onListen((await keepSample(flow, { node: node.id, name: text("first.ofRun", { number: number ?? "" }), run })).id))}>
          {text("samples.try.keepRun")}
        </Button>
      )}
    </div>
  );
}
