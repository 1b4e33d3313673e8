/**
 * Where a person wants test runs to stop: conditions by node id, an empty one for always. They are this browser's own
 * and no part of the document; a run is given them when it is started, and again when they change while it goes on.
 */
import { create } from "zustand";
import { runs } from "@/api/calls";
import { isOver } from "./fold";
import { useEditor } from "./editor";
import { useRun } from "./run";

export type Points = Readonly<Record<string, string>>;

interface Breakpoints {
  byFlow: Readonly<Record<string, Points>>;
  /** Stop before this node, where the condition holds; `undefined` takes the breakpoint away. */
  set: (flow: string, node: string, condition: string | undefined) => void;
}

const KEY = "mulgil.breakpoints";
const NONE: Points = {};

function kept(): Record<string, Points> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, Points>;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

export const useBreakpoints = create<Breakpoints>()((set, get) => ({
  byFlow: kept(),
  set: (flow, node, condition) => {
    const others = Object.entries(get().byFlow[flow] ?? NONE).filter(([id]) => id !== node);
    const points = Object.fromEntries(condition === undefined ? others : [...others, [node, condition]]);
    const byFlow = { ...get().byFlow, [flow]: points };
    localStorage.setItem(KEY, JSON.stringify(byFlow));
    set({ byFlow });
  },
}));

/** The breakpoints of a flow that stand before nodes it still has. */
export function pointsOf(flow: string): Points {
  const nodes = new Set(useEditor.getState().document.nodes.map((node) => node.id));
  return Object.fromEntries(Object.entries(useBreakpoints.getState().byFlow[flow] ?? NONE).filter(([id]) => nodes.has(id)));
}

/** The condition of a node's breakpoint; undefined where none stands. */
export const useBreakpoint = (node: string): string | undefined => {
  const flow = useEditor((state) => state.flow?.id);
  return useBreakpoints((state) => (flow === undefined ? undefined : state.byFlow[flow]?.[node]));
};

/** Give them to the run that is shown, while it goes on. Throws ApiError. */
export async function tellRun(flow: string): Promise<void> {
  const { live } = useRun.getState();
  if (live !== null && live.flow === flow && !isOver(live.status)) await runs.setBreakpoints(live.id, pointsOf(flow));
}
