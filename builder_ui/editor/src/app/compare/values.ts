/** What differs between two values, place by place. Pure. */

export interface Differing {
  /** Where: `body.items[2].price`; empty for the value itself. */
  path: string;
  /** Undefined where the value lacks it. */
  left: unknown;
  right: unknown;
}

/** More places than anyone reads: beyond them it is only said that there are more. */
export const MOST = 200;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const joined = (path: string, key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? (path === "" ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`);

/** The places where two values differ, in the order of the left one; at most `MOST` and one more. */
export function differing(left: unknown, right: unknown): Differing[] {
  const found: Differing[] = [];
  walk("", left, right, found);
  return found;
}

function walk(path: string, left: unknown, right: unknown, found: Differing[]): void {
  if (found.length > MOST || left === right) return;
  if (isRecord(left) && isRecord(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) walk(joined(path, key), left[key], right[key], found);
  } else if (Array.isArray(left) && Array.isArray(right)) {
    for (let at = 0; at < Math.max(left.length, right.length) && found.length <= MOST; at += 1) walk(`${path}[${at}]`, left[at], right[at], found);
  } else if (JSON.stringify(left) !== JSON.stringify(right)) found.push({ path, left, right });
}
