/** Which field of a node a problem is about. The server names it by a path into the node or into the document. */
import type { Problem } from "@/api/types";

/** The path within the node, as keys: `["config", "url"]`; empty where the problem is about the node as a whole. */
export function placeOf(problem: Problem): string[] {
  const path = problem.path ?? "";
  const parts = path.startsWith("/")
    ? path.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    : path.replaceAll(/\[(\w+)\]/g, ".$1").split(".");
  const known = parts.filter((part) => part !== "" && part !== "$");
  return known[0] === "nodes" && known.length >= 2 ? known.slice(2) : known;
}

/** The problems of exactly this field; a field that holds others leaves them theirs. */
export const problemsOf = (problems: readonly Problem[], node: string | null, path: readonly (string | number)[]): Problem[] =>
  problems.filter((problem) => problem.node === node && placeOf(problem).join("/") === path.join("/"));

export const countFor = (problems: readonly Problem[], node: string): number => problems.filter((problem) => problem.node === node).length;
