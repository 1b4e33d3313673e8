/** What is read from the server and kept fresh: one hook per question, and the keys to forget it by. */
import { QueryClient, useQuery } from "@tanstack/react-query";
import { catalogue, credentials, drafts, flows, runs, versions, workspaces } from "./calls";
import { ApiError } from "./client";
import { past } from "./past";

export const keys = {
  flows: ["flows"] as const,
  flow: (id: string) => ["flows", id] as const,
  versions: (id: string) => ["flows", id, "versions"] as const,
  runs: (params: object = {}) => ["runs", params] as const,
  run: (id: string) => ["run", id] as const,
  step: (run: string, key: string, seq: number) => ["run", run, "steps", key, seq] as const,
  nodeTypes: ["node-types"] as const,
  credentials: ["credentials"] as const,
  workspaces: ["workspaces"] as const,
};

const mayRetry = (failures: number, error: Error): boolean =>
  failures < 3 && error instanceof ApiError && (error.isOffline || error.status >= 500);

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 10_000, retry: mayRetry, refetchOnWindowFocus: true } },
});

export const useFlows = (params: { q?: string; tag?: string; archived?: boolean } = {}) =>
  useQuery({ queryKey: [...keys.flows, params], queryFn: () => flows.list(params) });

export const useFlow = (id: string, enabled = id !== "") => useQuery({ queryKey: keys.flow(id), queryFn: () => flows.read(id), enabled });

/** The draft as the server had it when the flow was opened; afterwards the editor's own store is the truth. */
export const useDraft = (id: string) =>
  useQuery({ queryKey: [...keys.flow(id), "draft"], queryFn: () => drafts.read(id), gcTime: 0, staleTime: Infinity });

export const useVersions = (flow: string) =>
  useQuery({ queryKey: keys.versions(flow), queryFn: () => versions.list(flow) });

export const useRuns = (params: { flow?: string; status?: string[]; limit?: number } = {}) =>
  useQuery({ queryKey: keys.runs(params), queryFn: () => runs.list(params) });

export const useRunView = (id: string) => useQuery({ queryKey: keys.run(id), queryFn: () => runs.read(id) });

/** A step's detail; `seq` is the last event seen of that step, so that news asks again. `isPast`: as it was after that event. */
export const useStep = (run: string | null, key: string | null, seq = 0, isPast = false) =>
  useQuery({
    queryKey: [...keys.step(run ?? "", key ?? "", seq), isPast],
    queryFn: () => (isPast && seq > 0 ? past.step(run ?? "", key ?? "", seq) : runs.step(run ?? "", key ?? "")),
    enabled: run !== null && key !== null,
  });

export const useNodeTypes = () =>
  useQuery({ queryKey: keys.nodeTypes, queryFn: catalogue.nodeTypes, staleTime: 5 * 60_000 });

export const useCredentials = () => useQuery({ queryKey: keys.credentials, queryFn: credentials.list });

export const useWorkspaces = () => useQuery({ queryKey: keys.workspaces, queryFn: workspaces.list });
