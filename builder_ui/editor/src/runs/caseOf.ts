/**
 * A test made of a run: its input, what answered from outside as mocks, and its end as what is expected.
 *
 * A simulation performs nothing that has an effect and nobody signals to it, so the answers such steps had are put
 * into the test; what is pure is computed anew, and so is held to account.
 */
import type { StepDetail } from "@/api/types";
import { effectOf, type Catalogue } from "@/document/catalogue";
import { nodeOf, type Case, type DocumentNode, type FlowDocument, type JsonObject } from "@/document/types";
import { isOver, type RunView } from "@/store/fold";
import { isOmitted } from "@/ui/omitted";

const ASKS_OUTSIDE = new Set(["flow.signal", "flow.approval"]);

/** Only a run that came to an end of its own says what is to be expected. */
export const canBeCase = (run: RunView | null): run is RunView => run !== null && isOver(run.status) && run.status !== "cancelled";

/** The keys of the steps whose answers a simulation can't find by itself. */
export function answeredOutside(run: RunView, document: FlowDocument, catalogue: Catalogue): string[] {
  const found: string[] = [];
  for (const { key, node: id, status } of run.steps.values()) {
    const node = nodeOf(document, id);
    const ended = status === "succeeded" || status === "failed" || status === "compensated";
    if (node === undefined || !ended || isOwnerOfItems(node, key)) continue;
    const type = catalogue.get(node.type);
    if (type?.role === "task" && (effectOf(node, type) !== "pure" || ASKS_OUTSIDE.has(node.type))) found.push(key);
  }
  return found;
}

/** Of a step with items each item answers; what stands at the step itself is their list. */
const isOwnerOfItems = (node: DocumentNode, key: string): boolean => node.each != null && !key.endsWith("]");

/** `name` is made free among the document's tests. */
export function caseOf(run: RunView, trigger: string | null, answers: readonly StepDetail[], document: FlowDocument, name: string): Case {
  const mocks = Object.fromEntries(answers.map((step): [string, JsonObject[]] => [step.key, outcomesOf(step)]).filter(([, outcomes]) => outcomes.length > 0));
  // What is no longer there can't be expected.
  const output: JsonObject = isOmitted(run.output) ? {} : { output: run.output };
  const isObject = run.input !== null && typeof run.input === "object" && !Array.isArray(run.input);
  return {
    name: freeName(name, new Set((document.tests ?? []).map((test) => test.name))),
    input: isObject ? (run.input as JsonObject) : {},
    ...(trigger === null || nodeOf(document, trigger) === undefined ? {} : { trigger }),
    ...(Object.keys(mocks).length === 0 ? {} : { mocks }),
    expect: { run: run.status, ...(run.status === "failed" ? (run.error === null ? {} : { error_code: run.error.code }) : output) },
  };
}

/** What became of each attempt, as mocks are written. */
function outcomesOf(step: StepDetail): JsonObject[] {
  const failed = step.attempts.flatMap(({ error }) => (error === null ? [] : [{ error: { class: error.class, code: error.code, message: error.message } }]));
  if (step.status === "failed" || isOmitted(step.output)) return failed;
  return [...failed, { output: step.output, ...(step.port == null || step.port === "out" ? {} : { port: step.port }) }];
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted} (${number})`;
  return name;
}
