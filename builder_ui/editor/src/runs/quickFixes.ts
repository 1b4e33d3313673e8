/** Mends of problems where the mend is known: each an edit the editor can make at once. Pure. */
import type { Problem } from "@/api/types";
import type { Operation } from "@/document/operation";
import { edgeKey, nodeOf, portOf, type FlowDocument } from "@/document/types";
import type { TextKey, Values } from "@/i18n";

export interface Fix {
  label: TextKey;
  values?: Values;
  operations: Operation[];
}

/** What can be done about a problem by one click; none where a person must decide. */
export function fixesOf(problem: Problem, document: FlowDocument): Fix[] {
  const node = problem.node === null ? undefined : nodeOf(document, problem.node);
  const edge = edgeAt(problem, document);
  const dropEdge: Fix[] = edge === null ? [] : [{ label: "runs.fix.removeEdge", operations: [{ kind: "disconnect", edges: [edge] }] }];
  switch (problem.code) {
    case "no_trigger":
      return [{ label: "runs.fix.addTrigger", operations: [withTrigger(document)] }];
    case "route_without_error":
    case "continue_without_out":
      return node ? [{ label: "runs.fix.failInstead", operations: [{ kind: "update_node", id: node.id, patch: { on_error: undefined } }] }] : [];
    case "error_without_route":
      return node ? [{ label: "runs.fix.routeErrors", operations: [{ kind: "update_node", id: node.id, patch: { on_error: "route" } }] }] : [];
    case "needless_credential":
      return node ? [{ label: "runs.fix.removeCredential", operations: [{ kind: "update_node", id: node.id, patch: { credential: undefined } }] }] : [];
    case "weaker_effect":
    case "no_such_effect":
      return node ? [{ label: "runs.fix.ownEffect", operations: [{ kind: "update_node", id: node.id, patch: { effect: undefined } }] }] : [];
    case "join_count":
      return node ? [{ label: "runs.fix.joinAll", operations: [{ kind: "update_node", id: node.id, patch: { join: undefined } }] }] : [];
    case "no_each":
      return node ? [{ label: "runs.fix.removeEach", operations: [{ kind: "update_node", id: node.id, patch: { each: undefined } }] }] : [];
    case "unreachable":
      return node ? [{ label: "runs.fix.removeNode", operations: [{ kind: "remove", nodes: [node.id] }] }] : [];
    case "unknown_pin": {
      const id = (problem.path ?? "").split("/")[2];
      return id === undefined ? [] : [{ label: "runs.fix.unpin", operations: [{ kind: "set_pin", id, value: undefined }] }];
    }
    case "unknown_node":
    case "unknown_port":
    case "trigger_with_input":
    case "wall_crossed":
    case "duplicate_edge":
    case "undo_with_input":
    case "undo_of_undo":
    case "undo_of_trigger":
    case "undo_joined":
      return dropEdge;
    default:
      return [];
  }
}

/** The edge a problem's path points at (`/edges/3/port`). */
function edgeAt(problem: Problem, document: FlowDocument): string | null {
  const match = /^\/edges\/(\d+)/.exec(problem.path ?? "");
  const edge = match ? document.edges[Number(match[1])] : undefined;
  return edge === undefined ? null : edgeKey({ ...edge, port: portOf(edge) });
}

/** A manual trigger to the left of everything, wired to what nothing leads to. */
function withTrigger(document: FlowDocument): Operation {
  const taken = new Set(document.nodes.map((node) => node.id));
  let id = "start";
  for (let count = 2; taken.has(id); count += 1) id = `start_${count}`;
  const entered = new Set(document.edges.map((edge) => edge.to));
  const heads = document.nodes.filter((node) => !entered.has(node.id) && node.parent == null);
  const left = Math.min(0, ...document.nodes.map((node) => node.position?.x ?? 0));
  const top = heads[0]?.position?.y ?? 0;
  return {
    kind: "add_fragment",
    fragment: {
      nodes: [{ id, type: "trigger.manual", position: { x: left - 280, y: top } }],
      edges: heads.map((head) => ({ from: id, to: head.id })),
      notes: [],
      pins: {},
    },
  };
}
