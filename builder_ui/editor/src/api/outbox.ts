/** Published messages: where they go, which are on their way, which were given up. */
import { get, post, put, query, remove } from "./client";
import type { Page } from "./types";

export interface Destination {
  id: string;
  name: string;
  kind: string;
  config: Record<string, unknown>;
  topics: string[];
  credential: string;
  signing: string;
  active: boolean;
  max_attempts: number;
  max_age: string;
  waits_for_dead: boolean;
  waiting: number;
  dead: number;
  created_at: string;
}

export type DestinationDraft = Omit<Destination, "id" | "waiting" | "dead" | "created_at">;

export interface Delivery {
  id: string;
  message: string;
  topic: string;
  key: string;
  destination: string | null;
  state: string;
  tries: number;
  last_error: string;
  run: string | null;
  step: string;
  created_at: string;
  next_try_at: string;
  done_at: string | null;
}

export const outbox = {
  kinds: () => get<{ kinds: string[] }>("/api/destination-kinds/"),
  destinations: () => get<Page<Destination>>("/api/destinations/?limit=200"),
  create: (body: DestinationDraft) => post<Destination>("/api/destinations/", body),
  change: (id: string, body: DestinationDraft) => put<Destination>(`/api/destinations/${id}/`, body),
  remove: (id: string) => remove(`/api/destinations/${id}/`),
  deliveries: (state: string, cursor?: string) => get<Page<Delivery>>(`/api/deliveries/${query({ state, cursor })}`),
  retry: (deliveries: string[]) => post<{ retried: number; unrouted: number }>("/api/deliveries/retry/", { deliveries }),
  drop: (deliveries: string[]) => post<{ dropped: number }>("/api/deliveries/drop/", { deliveries }),
};

export const outboxKeys = { destinations: ["destinations"] as const, kinds: ["destination-kinds"] as const, deliveries: (state: string) => ["deliveries", state] as const, all: ["deliveries"] as const };
