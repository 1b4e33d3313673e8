/** What people are asked by runs. */
import { useQuery } from "@tanstack/react-query";
import type { Json, JsonObject } from "@/document/types";
import { get, post, query } from "./client";
import type { JsonSchema } from "./types";

export type Decision = "approved" | "rejected";

export interface Vote {
  by: string;
  decision: string;
  comment: string;
  form: Json;
  at: string;
}

export interface Stage {
  after: string;
  at: string;
  users: string[];
  roles: string[];
  groups: string[];
}

export interface Approval {
  id: string;
  run: string;
  run_number: number;
  flow_name: string;
  step: string;
  title: string;
  message: string;
  users: string[];
  roles: string[];
  groups: string[];
  /** Whom it goes on to where nobody has decided, stage by stage; the first `stage` of them were reached. */
  escalation: Stage[];
  stage: number;
  /** How many of those asked can still answer, and how many too few they are for the quorum. */
  remaining: number;
  lacking: number;
  quorum: number;
  needs_comment: boolean;
  form: JsonSchema;
  due_at: string | null;
  default: string;
  created_at: string;
  closed_at: string | null;
  state: string;
  by_default: boolean;
  votes: Vote[];
  may_decide: boolean;
}

const LOOK_AGAIN = 15_000;

/** What this person is asked; looked at again now and then, since runs ask by themselves. */
export const useApprovals = (closed: boolean) =>
  useQuery({
    queryKey: ["approvals", { closed }],
    queryFn: () => get<{ results: Approval[]; next: string | null }>(`/api/approvals/${query({ closed })}`),
    refetchInterval: LOOK_AGAIN,
  });

export const decide = (id: string, body: { decision: Decision; comment: string; form?: JsonObject }): Promise<Approval> =>
  post<Approval>(`/api/approvals/${id}/decide/`, body);
