/** What stands in the place of a large value that is no longer kept: when it went, or that nobody knows why. */
export type Omitted = { $omitted: "removed"; after_days: number } | { $omitted: "missing" };

export function isOmitted(value: unknown): value is Omitted {
  return typeof value === "object" && value !== null && "$omitted" in value && (value.$omitted === "removed" || value.$omitted === "missing");
}
