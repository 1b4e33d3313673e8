import type { Json, JsonObject } from "@/document/types";

/** Which part of a draft is run, and what it is given in place of what stands outside it. */
export interface PartBody {
  only?: string;
  until?: string;
  from?: string;
  /** Outputs that stand in for nodes outside the part. */
  given?: JsonObject;
  /** Of a node inside a list that is run alone, the only item of that list. */
  item?: Json;
}
