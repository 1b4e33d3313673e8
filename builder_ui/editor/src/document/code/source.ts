/** What a text says and where it says it: the shape that the readers of JSON and YAML share. */
import type { Json } from "../types";

export type Format = "json" | "yaml";

/** Why a text can't be taken as it stands. The sentences stand in the languages under `code.fault.<why>`. */
export type Why =
  | "unexpected"
  | "unended"
  | "text"
  | "number"
  | "twice"
  | "deep"
  | "long"
  | "yaml"
  | "alias"
  | "noJson"
  | "object"
  | "dsl"
  | "list"
  | "id"
  | "idTwice"
  | "needed"
  | "kind";

export interface Fault {
  from: number;
  to: number;
  why: Why;
  /** What it is about: the character found, the key, the field. */
  what: string;
}

export interface Span {
  from: number;
  to: number;
}

export type Path = readonly (string | number)[];

export interface Source {
  /** Undefined where the text is none of its format. */
  value: Json | undefined;
  faults: readonly Fault[];
  /** Where values stand, by their JSON Pointers. */
  places: ReadonlyMap<string, Span>;
}

export const pointerOf = (path: Path): string => path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Where a value stands, or the nearest thing around it that stands anywhere. */
export function placeOf(source: Pick<Source, "places">, pointer: string): Span {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const place = source.places.get(at);
    if (place !== undefined) return place;
    if (at === "") return { from: 0, to: 0 };
  }
}

/** As deep as the server reads. */
export const DEEPEST = 64;
