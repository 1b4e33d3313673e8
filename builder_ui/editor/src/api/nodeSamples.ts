/** Samples of nodes: what one was given once, kept under a name; and the next real one, listened for. */
import { useQuery } from "@tanstack/react-query";
import type { Json, JsonObject } from "@/document/types";
import { get, post, remove } from "./client";
import { queryClient } from "./queries";

/** The run's input, and by id what the nodes before put out. */
export interface Given {
  input: Json;
  nodes: JsonObject;
  /** Inside a list, the item; absent or null where the list itself says. */
  item?: Json;
}

export interface NodeSample {
  id: string;
  node: string;
  name: string;
  source: "typed" | "run" | "caught";
  /** Null while it listens. */
  value: Given | null;
  run: string | null;
  by: string;
  created_at: string;
}

const keyOf = (flow: string) => ["flows", flow, "samples"] as const;
const forget = (flow: string): Promise<void> => queryClient.invalidateQueries({ queryKey: keyOf(flow) });

/** What is asked again while something listens (ms). */
const LISTENING = 1_500;

export const useNodeSamples = (flow: string) =>
  useQuery({
    queryKey: keyOf(flow),
    queryFn: () => get<{ results: NodeSample[] }>(`/api/flows/${flow}/samples/`).then(({ results }) => results),
    refetchInterval: ({ state }) => (state.data?.some((sample) => sample.value === null) ? LISTENING : false),
  });

/** Keep what was typed, what a run gave, or what comes next. */
export async function keepSample(flow: string, body: { node: string; name: string } & ({ value: Given } | { run: string } | { listen: true })): Promise<NodeSample> {
  const kept = await post<NodeSample>(`/api/flows/${flow}/samples/`, body);
  await forget(flow);
  return kept;
}

export async function removeSample(flow: string, sample: string): Promise<void> {
  await remove(`/api/flows/${flow}/samples/${sample}/`);
  await forget(flow);
}
