/** Environments: what each gives to runs, what of a flow is live in each, and how versions go from one to the next. */
import { useQuery } from "@tanstack/react-query";
import type { Json, JsonObject } from "@/document/types";
import type { Role } from "./account";
import { flows } from "./calls";
import { ApiError, get, patch, post, query, remove } from "./client";
import { keys } from "./queries";
import type { Change } from "./changes";
import type { Canary, Page, Release } from "./types";

/** Who may release: user names, roles, groups; nobody named: whoever may publish. */
export interface Releasers {
  users: string[];
  roles: Role[];
  groups: string[];
}

export interface Environment {
  name: string;
  /** Where it stands on the way that versions go. */
  place: number;
  is_default: boolean;
  vars: Record<string, Json>;
  /** Which credential a name in a document means there. */
  credentials: Record<string, string>;
  releasers: Releasers;
  needs_second: boolean;
}

export type EnvironmentChange = Partial<Pick<Environment, "place" | "vars" | "credentials" | "releasers" | "needs_second">>;

/** A release that waits for a second person; `outcome` is empty while it does. */
export interface Proposal {
  id: string;
  environment: string;
  version: number;
  kind: string;
  /** What it is to be watched by; empty where it is to be live at once. */
  canary: JsonObject;
  reason: string;
  proposer: string;
  created_at: string;
  outcome: string;
  mine: boolean;
}

/** What is live of a flow in an environment, and what one may do there. */
export interface Standing {
  environment: string;
  is_default: boolean;
  live_version: number | null;
  canary: Canary | null;
  released_at: string | null;
  released_by: string | null;
  proposal: Proposal | null;
  may_release: boolean;
  needs_second: boolean;
}

export interface Obstacle {
  code: string;
  message: string;
  hint: string;
}

/** A variable there, and what it is where the version comes from; `is_given`: the environment says so, not the flow. */
export interface VariableThere {
  name: string;
  value: Json;
  is_given: boolean;
  before: Json;
}

/** What a promotion would change; with obstacles it would be refused. */
export interface Promotion {
  source: string | null;
  target: string;
  version: number;
  live_version: number | null;
  vars: VariableThere[];
  credentials: { name: string; credential: string | null }[];
  obstacles: Obstacle[];
  needs_second: boolean;
}

/** What making a version live would meet: with obstacles it would be refused, what is missing beside them holds nothing up. */
export interface Foreseen {
  missing_credentials: string[];
  obstacles: Obstacle[];
}

/** Where a version comes from: what is live in an environment, or itself by its number. */
export type Origin = { from: string } | { version: number };

export const environments = {
  list: () => get<Page<Environment>>("/api/environments/"),
  create: (name: string) => post<Environment>("/api/environments/", { name }),
  change: (name: string, body: EnvironmentChange) => patch<Environment>(`/api/environments/${name}/`, body),
  remove: (name: string) => remove(`/api/environments/${name}/`),
  ofFlow: (flow: string) => get<{ results: Standing[] }>(`/api/flows/${flow}/environments/`),
  /** Nothing of the flow starts there any more. */
  takeOut: (flow: string, environment: string, reason: string) => remove(`/api/flows/${flow}/environments/${environment}/${query({ reason })}`),
  releases: (flow: string, environment: string, cursor?: string) => get<Page<Release>>(`/api/flows/${flow}/releases/${query({ environment, limit: 10, cursor })}`),
};

export const promotion = {
  preview: (flow: string, to: string, origin: Origin) => get<Promotion & { changes: Change[] }>(`/api/flows/${flow}/promote/${query({ to, ...origin })}`),
  /** `version`: the one that was looked at, so that nothing else goes there. */
  make: (flow: string, to: string, origin: Origin, version: number, reason: string) =>
    post<{ release: { live_version: number } | null; proposal: Proposal | null }>(`/api/flows/${flow}/promote/`, { to, ...origin, version, reason }),
};

/** A version made live at once: a newer one by its release, an older one by a rollback. */
export const goingLive = {
  foresee: (flow: string, version: number, environment: string) => get<Foreseen>(`/api/flows/${flow}/rollback/${query({ version, environment })}`),
  /** The same of a canary of it. */
  foreseeCanary: (flow: string, version: number, environment: string) => get<Foreseen>(`/api/flows/${flow}/canary/${query({ version, environment })}`),
  /** What would refuse the release of the draft that publishing it makes. */
  foreseePublishing: (flow: string) => get<Pick<Foreseen, "obstacles">>(`/api/flows/${flow}/publish/`),
  release: (flow: string, version: number, reason: string, environment: string) => post<{ live_version: number }>(`/api/flows/${flow}/release/`, { version, reason, environment }),
  rollback: (flow: string, version: number, reason: string, environment: string) => post<{ live_version: number }>(`/api/flows/${flow}/rollback/`, { version, reason, environment }),
};

/** A canary as it is begun: its share, or the shares it goes through by itself, and what it is watched by. */
interface Watched {
  weight?: number;
  steps?: number[];
  guards: JsonObject;
}

export const proposals = {
  make: (flow: string, body: { version: number; environment?: string; reason?: string; canary?: Watched }) => post<Proposal>(`/api/flows/${flow}/proposals/`, body),
  approve: (flow: string, id: string, comment: string) => post<void>(`/api/flows/${flow}/proposals/${id}/approve/`, { comment }),
  reject: (flow: string, id: string, comment: string) => post<Proposal>(`/api/flows/${flow}/proposals/${id}/reject/`, { comment }),
};


/** Begin a canary, or propose it where a second person has to look first. */
export async function beginCanary(flow: string, order: Watched & { version: number; environment?: string }): Promise<"begun" | "proposed"> {
  try {
    await flows.startCanary(flow, order);
    return "begun";
  } catch (refused) {
    if (!(refused instanceof ApiError) || refused.code !== "second_needed") throw refused;
    const { version, environment, ...canary } = order;
    await proposals.make(flow, { version, ...(environment === undefined ? {} : { environment }), canary });
    return "proposed";
  }
}

export const environmentKeys = {
  list: ["environments"] as const,
  // Among what is known of the flow: whatever changes its releases forgets this too.
  ofFlow: (flow: string) => [...keys.flow(flow), "environments"] as const,
  releases: (flow: string, environment: string) => [...keys.flow(flow), "releases", environment] as const,
  foreseen: (flow: string, environment: string, version: number) => [...keys.flow(flow), "foreseen", environment, version] as const,
  foreseenCanary: (flow: string, environment: string, version: number) => [...keys.flow(flow), "foreseen canary", environment, version] as const,
  foreseenPublishing: (flow: string) => [...keys.flow(flow), "foreseen publishing"] as const,
  promotion: (flow: string, to: string, origin: Origin) => [...keys.flow(flow), "promotion", to, origin] as const,
};

export const NO_STANDINGS: readonly Standing[] = [];

export const useAskedStandings = (flow: string) => useQuery({ queryKey: environmentKeys.ofFlow(flow), queryFn: () => environments.ofFlow(flow) });

/** What of a flow is live in each environment; nothing while it isn't known. */
export const useStandings = (flow: string): readonly Standing[] => useAskedStandings(flow).data?.results ?? NO_STANDINGS;

export const useEnvironments = (enabled = true) => useQuery({ queryKey: environmentKeys.list, queryFn: environments.list, enabled, staleTime: 60_000 });

/** The name of a run's environment; one without is in the default one. */
export function useEnvironmentName(): (name: string | null | undefined) => string {
  const known = useEnvironments().data?.results.find((each) => each.is_default)?.name ?? "";
  return (name) => name ?? known;
}
