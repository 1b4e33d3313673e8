/** What is said of a run to people who don't see it: which steps came to stand how since it was said last, in few words. */
import type { StepStatus } from "@/api/types";
import { nodeOf, titleOf } from "@/document/types";
import type { Translate } from "@/i18n";
import { useEditor } from "@/store/editor";
import type { RunView, StepState } from "@/store/fold";

/** What is said first; what isn't here (`pending`) is nothing that happened. */
const ORDER: readonly StepStatus[] = ["failed", "uncertain", "waiting", "retrying", "running", "succeeded", "compensated", "cancelled", "skipped"];
/** So many steps are named; of more only the count is told. */
const NAMED = 3;

function nameOf({ node, key }: StepState): string {
  const found = nodeOf(useEditor.getState().document, node);
  const items = key.match(/\[\d+\]/g)?.join("") ?? "";
  return `${found === undefined ? node : titleOf(found)}${items}`;
}

const groupSaid = (status: StepStatus, steps: readonly StepState[], text: Translate): string => {
  const stands = text(`common.status.${status}`);
  if (steps.length > NAMED) return text("telling.many", { count: steps.length, status: stands });
  const said = text("telling.steps", { names: steps.map(nameOf).join(", "), status: stands });
  const why = steps.length === 1 ? steps[0]?.error?.message : undefined;
  return status === "failed" && why ? `${said}: ${why}` : said;
};

/** What changed between two moments of a run; empty where nothing did that is worth a word. */
export function changesSaid(before: RunView, after: RunView, text: Translate): string {
  const groups = new Map<StepStatus, StepState[]>();
  for (const [key, step] of after.steps) {
    const was = before.steps.get(key);
    // Steps that are only learnt of now were not changed now.
    if (was?.status === step.status || step.seq <= before.seq) continue;
    const group = groups.get(step.status) ?? [];
    groups.set(step.status, group);
    group.push(step);
  }
  const parts = ORDER.flatMap((status) => {
    const steps = groups.get(status);
    return steps === undefined ? [] : [groupSaid(status, steps, text)];
  });
  if (after.status !== before.status) parts.push(text("app.editor.runIs", { number: after.number ?? "", status: text(`common.status.${after.status}`) }));
  return parts.join(". ");
}
