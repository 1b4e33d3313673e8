/** What the canvas shows beside the document: the run's overlay, an arrow being drawn, what something may fall on. */
import { create } from "zustand";
import type { StepStatus } from "@/api/types";
import type { Guide } from "@/document/align";
import type { Refusal } from "@/document/graph";
import type { Difference } from "@/document/diff";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import type { EdgeOverlay, NodeOverlay, Overlay } from "@/store/overlay";

export interface Connecting {
  node: string;
  port: string;
  /** Drawn from the entry of the node, to what shall lead there. */
  isBack?: boolean;
  /** Why each node can't be the other end; those that can aren't in it. */
  refused: ReadonlyMap<string, Refusal>;
}

interface Shown {
  overlay: Overlay | null;
  connecting: Connecting | null;
  /** The arrow that what is dragged would be put into, and the container it would fall in. */
  dropEdge: string | null;
  dropFrame: string | null;
  difference: Difference | null;
  /** While two runs are compared: how each node stood in either, and whether that differs. */
  pairs: ReadonlyMap<string, { left: StepStatus | null; right: StepStatus | null; differs: boolean; said: string }> | null;
  /** What lies beneath the cards looks as from afar: nothing can be read, or it is being zoomed. */
  isFar: boolean;
  /** How many problems each node has. */
  problems: ReadonlyMap<string, number>;
  /** What a crash would do at each node, a sentence each. */
  findings: ReadonlyMap<string, readonly string[]>;
}

export const useShown = create<Shown>()(() => ({
  overlay: null,
  connecting: null,
  dropEdge: null,
  dropFrame: null,
  difference: null,
  pairs: null,
  isFar: false,
  problems: new Map(),
  findings: new Map(),
}));

/** The lines that what is dragged shares with its neighbours: by themselves, for they change at every step, and cards and arrows are not to be asked. */
export const useGuides = create<{ guides: readonly Guide[] }>()(() => ({ guides: [] }));

interface Beneath {
  isNeeded: boolean;
  /** What is not where the document has it, and the arrows that draw themselves: they have no silhouettes. */
  held: ReadonlySet<string>;
  arrows: ReadonlySet<string>;
}

/** What lies beneath the cards that stand, in place of those that don't. */
export const useBeneath = create<Beneath>()(() => ({ isNeeded: false, held: new Set(), arrows: new Set() }));

/** Whether nothing can be changed by hand: the flow is only read, or two older versions are looked at. */
export function useReadOnly(): boolean {
  const isFixed = useEditor((state) => state.readOnly);
  const isLookingBack = useView((state) => state.compared?.after != null);
  return isFixed || isLookingBack;
}

/** The same, asked at this moment. */
export const isReadOnlyNow = (): boolean => useEditor.getState().readOnly || useView.getState().compared?.after != null;

export const useNodeOverlay = (id: string): NodeOverlay | undefined => useShown((state) => state.overlay?.nodes.get(id));

export const useEdgeOverlay = (key: string): EdgeOverlay | undefined => useShown((state) => state.overlay?.edges.get(key));
