/** What a preview of a promotion says: which gates it passed, which variables differ, who is named. */
import type { Promotion, Releasers, VariableThere } from "@/api/environments";
import type { Translate } from "@/i18n";

export const differs = ({ before, value }: VariableThere): boolean => JSON.stringify(before) !== JSON.stringify(value);

/** The obstacles by which each gate is shut. Without its node types, a flow's tests can't be played either. */
const GATES = {
  releaser: ["not_releaser"],
  types: ["node_types_gone", "no_longer_fits"],
  tests: ["tests_fail", "node_types_gone", "no_longer_fits"],
  credentials: ["credential_not_bound", "credential_missing"],
  values: ["variable_missing"],
} as const;

export type Gate = keyof typeof GATES;

export function passedGates(preview: Pick<Promotion, "obstacles">): Gate[] {
  const shut = new Set(preview.obstacles.map((each) => each.code));
  return (Object.keys(GATES) as Gate[]).filter((gate) => !GATES[gate].some((code) => shut.has(code)));
}

/** The people, roles and groups as one reads them; empty where nobody is named. */
export const releaserNames = ({ users, roles, groups }: Releasers, text: Translate): string =>
  [...users, ...roles.map((role) => text("people.card.everyone", { role: text(`common.role.${role}`) })), ...groups.map((name) => text("people.card.group", { name }))].join(", ");
