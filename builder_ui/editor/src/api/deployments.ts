/** Which model was deployed where: kept with the journal, and outliving its runs. */
import { get, query } from "./client";
import type { Page } from "./types";

export interface Deployment {
  id: string;
  run: string;
  number: number;
  step: string;
  environment: string;
  endpoint: string;
  target: string;
  model: string;
  version: string;
  previous: string;
  strategy: string;
  share: number;
  state: "under_way" | "succeeded" | "failed" | "abandoned";
  reason: string;
  created_at: string;
  changed_at: string;
}

export const deployments = {
  list: (cursor?: string) => get<Page<Deployment>>(`/api/deployments/${query({ cursor })}`),
};

export const deploymentKeys = { list: ["deployments"] as const };
