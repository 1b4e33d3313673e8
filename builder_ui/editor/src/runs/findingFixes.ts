/** Mends of what the integrity report found, where the mend is known. Pure. */
import type { Finding } from "@/api/types";
import type { Operation } from "@/document/operation";
import { nodeOf, portOf, type DocumentNode, type FlowDocument } from "@/document/types";
import type { Fix } from "./quickFixes";

const AN_UNDO_S_TRIES = { max_attempts: 5, initial: "1s" } as const;
const A_DAY = "24h";

/** What can be done about a finding by one click; none where an edge must be drawn to somewhere. */
export function findingFixesOf(finding: Finding, document: FlowDocument): Fix[] {
  const node = finding.node === null ? undefined : nodeOf(document, finding.node);
  if (finding.code === "undo_never_runs") return [{ label: "steering.fix.compensate", operations: [{ kind: "update_settings", patch: { on_failure: "compensate" } }] }];
  if (finding.code === "nothing_to_undo") return [{ label: "steering.fix.stop", operations: [{ kind: "update_settings", patch: { on_failure: undefined } }] }];
  if (node === undefined) return [];
  const update = (patch: Partial<DocumentNode>): Operation[] => [{ kind: "update_node", id: node.id, patch }];
  switch (finding.code) {
    case "may_be_sent_twice":
      return [
        { label: "steering.fix.once", operations: update({ effect: "once" }) },
        { label: "steering.fix.keyed", operations: update({ effect: "keyed" }) },
      ];
    case "effect_may_stand":
      return [{ label: "steering.fix.once", operations: update({ effect: "once" }) }];
    case "undo_tried_once":
      return [{ label: "steering.fix.retry", operations: update({ retry: AN_UNDO_S_TRIES }) }];
    case "call_waits_for_ever":
      return [{ label: "steering.fix.timeout", operations: update({ timeout: A_DAY }) }];
    case "asks_for_ever":
    case "waits_for_ever":
      return [{ label: "steering.fix.timeout", operations: [{ kind: "set_config", id: node.id, path: ["timeout"], value: A_DAY }] }];
    case "join_waits":
      return [{ label: "steering.fix.joinAny", operations: update({ join: "any" }) }];
    case "join_can_fail":
      return [{ label: "runs.fix.joinAll", operations: update({ join: undefined }) }];
    case "undo_of_nothing":
      return undoOfTheOnlyEffect(node, document);
    default:
      return [];
  }
}

/** Wire it as the undo of the one step that may want it: of its type, and without an undo of its own. */
function undoOfTheOnlyEffect(undo: DocumentNode, document: FlowDocument): Fix[] {
  const undone = new Set(document.edges.filter((edge) => portOf(edge) === "compensate").map((edge) => edge.from));
  const entered = new Set(document.edges.map((edge) => edge.to));
  const alike = document.nodes.filter((node) => node.type === undo.type && node.id !== undo.id && !undone.has(node.id) && entered.has(node.id));
  const [only, ...more] = alike;
  if (only === undefined || more.length > 0) return [];
  return [{ label: "steering.fix.undoOf", values: { node: only.label ?? only.id }, operations: [{ kind: "connect", edge: { from: only.id, to: undo.id, port: "compensate" } }] }];
}
