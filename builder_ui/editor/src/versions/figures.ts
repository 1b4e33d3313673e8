/** A canary's figures as a table: each beside the live version's, with the limit its guard holds it to. */
import type { Canary } from "@/api/types";
import type { JsonObject } from "@/document/types";
import { t, type TextKey } from "@/i18n";
import { durationText } from "@/ui/time";

export interface FigureRow {
  name: TextKey;
  canary: string;
  live: string;
  limit: string;
  /** Whether the canary's figure is over its limit. */
  isOver: boolean;
}

/** A share of a hundred, spaced as the language spaces it. */
export const percentText = (share: number | ""): string => t("releases.canary.percent", { share });
const percent = (value: number): string => percentText(Math.round(value * 1_000) / 10);
const FIGURES: readonly { key: string; name: TextKey; guard: string | null; show: (value: number) => string }[] = [
  { key: "runs", name: "releases.canary.runs", guard: null, show: String },
  { key: "failed", name: "releases.canary.failed", guard: null, show: String },
  { key: "error_rate", name: "releases.canary.errorRate", guard: "error_rate", show: percent },
  { key: "p99_ms", name: "releases.canary.p99", guard: "p99_ms", show: durationText },
  { key: "expression_rate", name: "releases.canary.expressionRate", guard: "expression_rate", show: percent },
];

export function rowsOf(canary: Canary): FigureRow[] {
  const figures = canary.figures ?? {};
  const beside = isObject(figures.live) ? figures.live : {};
  return FIGURES.filter((each) => each.key in figures).map((each) => {
    const own = figures[each.key];
    const limit = each.key === "expression_rate" ? (canary.guards.expression_rate ?? 0) : each.guard === null ? null : canary.guards[each.guard];
    const shown = (value: unknown): string => (typeof value === "number" ? each.show(value) : "–");
    return { name: each.name, canary: shown(own), live: shown(beside[each.key]), limit: shown(limit), isOver: typeof own === "number" && typeof limit === "number" && own > limit };
  });
}

/** The share after the present one, `null` at the end of the schedule, `undefined` where there is none. */
export function nextShare(canary: Canary): number | null | undefined {
  const steps = canary.steps ?? [];
  if (steps.length === 0) return undefined;
  const following = steps.find((step) => step > canary.weight);
  if (following !== undefined) return following;
  return canary.weight >= 100 ? null : undefined;
}

/** How many runs and minutes a share is held for. */
export function holding(canary: Canary): { runs: number; minutes: number } {
  const { min_runs: runs, minutes } = canary.guards;
  return { runs: typeof runs === "number" ? runs : 20, minutes: typeof minutes === "number" ? minutes : 60 };
}

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
