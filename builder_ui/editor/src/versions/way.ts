/** The way that versions go through the environments: which promotion is meant, and where a version is live. */
import type { Origin, Standing } from "@/api/environments";

export interface Way {
  origin: Origin;
  to: string;
}

/**
 * What "Promote" means where one looks at an environment: on to the next one with what is live here, at the end of the
 * way here with what is live nearest before. Null where nothing is live that could go anywhere.
 */
export function suggestedWay(standings: readonly Standing[], at: string): Way | null {
  const place = standings.findIndex((each) => each.environment === at);
  const here = standings[place];
  if (here === undefined) return null;
  const next = standings[place + 1];
  if (here.live_version !== null && next !== undefined) return { origin: { from: at }, to: next.environment };
  const before = standings.slice(0, place).filter((each) => each.live_version !== null).at(-1);
  if (before !== undefined) return { origin: { from: before.environment }, to: at };
  const other = standings.find((each) => each.environment !== at);
  if (here.live_version !== null) return other === undefined ? null : { origin: { from: at }, to: other.environment };
  const source = standings.find((each) => each.live_version !== null);
  return source === undefined ? null : { origin: { from: source.environment }, to: at };
}

/** Whether making a version live is a release: one that is newer than the live one was never gone back from. */
export const isForward = (version: number, live: number | null): boolean => live === null || version > live;

/** The environments in which a version is live. */
export const livesOf = (standings: readonly Standing[], version: number): string[] => standings.filter((each) => each.live_version === version).map((each) => each.environment);

/** An origin as the value of a choice, and back. */
export const valueOf = (origin: Origin): string => ("from" in origin ? `environment ${origin.from}` : `version ${origin.version}`);

export function originOf(value: string): Origin {
  const [kind, name = ""] = value.split(" ");
  return kind === "environment" ? { from: name } : { version: Number(name) };
}
