/** What an expression of a node may read, with what is known of it: schemas, pins, and the outputs of the last run. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { runs } from "@/api/calls";
import { keys as queryKeys, queryClient, useRuns } from "@/api/queries";
import type { Run } from "@/api/types";
import { reachable } from "@/document/graph";
import { nodeOf, titleOf, type Json } from "@/document/types";
import { useEditor } from "@/store/editor";
import { useRun } from "@/store/run";
import { isOmitted } from "@/ui/omitted";
import { inside, offers, type Key, type Known, type Offer } from "./known";

export interface Scope {
  /** The run whose outputs are shown; null where there was none. */
  run: string | null;
  /** The roots that may be read here. */
  roots: readonly string[];
  /** What may be written at a path; the empty path asks for the roots. */
  offersAt: (path: Key[]) => Promise<Offer[]>;
}

const FACTS: Record<string, string[]> = {
  run: ["id", "number", "attempt", "started_at"],
  flow: ["id", "name", "version"],
  lock: ["name", "token"],
};

/** Functions worth offering; the server knows more. */
export const FUNCTIONS = ["len", "sum", "min", "max", "round", "sorted", "str", "int", "float", "any", "all"];

/** The run that expressions are shown with: the one on the canvas, else the flow's newest. */
function useSampleRun(): Run | null {
  const flow = useEditor((state) => state.flow?.id);
  const shown = useRun((state) => (state.live !== null && state.live.flow === flow ? state.runId : null));
  const newest = useRuns(flow ? { flow, limit: 1 } : {});
  const id = shown ?? (flow ? (newest.data?.results[0]?.id ?? null) : null);
  const read = useQuery({ queryKey: [...queryKeys.run(id ?? ""), "sample"], queryFn: () => runs.read(id ?? ""), enabled: id !== null });
  return read.data ?? null;
}

const stepQuery = (run: Run, node: string) => {
  const ended = run.steps.find((step) => step.key === node && step.finished_at !== null && step.status === "succeeded");
  return {
    queryKey: queryKeys.step(run.id, node, -1),
    queryFn: async (): Promise<Json> => {
      if (ended === undefined) return null;
      const { output } = await runs.step(run.id, node);
      return isOmitted(output) ? null : output;
    },
    staleTime: 60_000,
  };
};

const wasRun = (run: Run | null, node: string): run is Run =>
  run?.steps.some((step) => step.key === node && (step.status === "succeeded" || step.status === "skipped" || step.status === "cancelled")) ?? false;

export function useScope(node: string | null): Scope {
  const run = useSampleRun();
  const document = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  return useMemo(() => {
    const before = (): string[] => {
      if (node === null) return document.nodes.map((each) => each.id);
      const parents = ancestors(node);
      return [...reachable(document, [node, ...parents], "up")].filter((id) => id !== node && !parents.includes(id));
    };
    const ancestors = (id: string): string[] => {
      const parent = nodeOf(document, id)?.parent;
      return parent != null ? [parent, ...ancestors(parent)] : [];
    };
    const knownNode = async (id: string): Promise<Known> => {
      const type = catalogue.get(nodeOf(document, id)?.type ?? "");
      const isTrigger = type?.role === "trigger";
      const pinned = document.pins?.[id];
      const sample = pinned ?? (wasRun(run, id) ? await queryClient.fetchQuery(stepQuery(run, id)) : undefined);
      return { schema: (isTrigger ? document.inputs : type?.output_schema) ?? undefined, sample };
    };
    const rootNames = (): string[] => {
      const own = node === null ? undefined : nodeOf(document, node);
      const typesAround = node === null ? [] : ancestors(node).map((id) => nodeOf(document, id)?.type);
      const isItem = typesAround.includes("flow.for_each") || own?.each != null || Object.keys(catalogue.get(own?.type ?? "")?.per_item ?? {}).length > 0;
      const isTurn = [own?.type, ...typesAround].includes("flow.while");
      const isLocked = typesAround.includes("flow.lock");
      const around = new Set([...(isItem ? ["item", "index"] : []), ...(isTurn ? ["index", "last"] : []), ...(isLocked ? ["lock"] : [])]);
      return ["input", "nodes", ...around, "run", "flow", "vars", "now"];
    };
    const roots = rootNames();
    const offersAt = async (path: Key[]): Promise<Offer[]> => {
      const [root, ...rest] = path;
      if (root === undefined) return roots.map((name) => ({ name, detail: "" }));
      if (root === "nodes") {
        const [id, ...deeper] = rest;
        if (typeof id !== "string") return before().map((each) => ({ name: each, detail: nameOf(each) }));
        return offers(deeper.reduce(inside, await knownNode(id)));
      }
      const fixed = FACTS[String(root)];
      if (fixed !== undefined) return rest.length === 0 ? fixed.map((name) => ({ name, detail: "" })) : [];
      const known: Known = root === "input" ? { schema: document.inputs, sample: run?.input } : root === "vars" ? { sample: document.settings?.vars ?? {} } : {};
      return offers(rest.reduce(inside, known));
    };
    const nameOf = (id: string): string => {
      const found = nodeOf(document, id);
      return found ? titleOf(found) : "";
    };
    return { run: run?.id ?? null, roots, offersAt };
  }, [node, run, document, catalogue]);
}

/** The values an expression reads, as the last run left them; undefined where they aren't known. */
export function useSamples(ids: readonly string[]): { input: Json | undefined; nodes: Record<string, Json | undefined>; vars: Json; run: Run | null } {
  const run = useSampleRun();
  const pins = useEditor((state) => state.document.pins);
  const vars = useEditor((state) => state.document.settings?.vars);
  const found = useQueries({
    queries: ids.map((id) => (wasRun(run, id) ? stepQuery(run, id) : { queryKey: ["no-step", id], queryFn: () => null, enabled: false })),
  });
  const nodes: Record<string, Json | undefined> = {};
  ids.forEach((id, at) => {
    nodes[id] = pins?.[id] ?? found[at]?.data ?? undefined;
    if (nodes[id] === undefined && found[at]?.isSuccess && found[at].data === null) nodes[id] = null;
  });
  return { input: run?.input, nodes, vars: vars ?? {}, run };
}
