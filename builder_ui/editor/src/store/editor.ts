/** The flow that is open: its document, what is selected, and the history of edits. Every edit passes `dispatch`. */
import { create } from "zustand";
import type { Finding, NodeType, Problem } from "@/api/types";
import { applyAll } from "@/document/apply";
import type { Catalogue } from "@/document/catalogue";
import { beginHistory, present, recorded, redone, undone, type History, type Label } from "@/document/history";
import type { Operation } from "@/document/operation";
import { existing, NOTHING, type Selection } from "@/document/selection";
import { EMPTY_DOCUMENT, type FlowDocument } from "@/document/types";

export interface OpenFlow {
  id: string;
  name: string;
  document: FlowDocument;
  readOnly: boolean;
  history?: History;
}

export type NamePlace = "canvas" | "inspector";

export interface EditorState {
  flow: { id: string; name: string } | null;
  readOnly: boolean;
  catalogue: Catalogue<NodeType>;
  document: FlowDocument;
  history: History;
  selection: Selection;
  /** The server's latest word on the document. */
  problems: readonly Problem[];
  /** The server's integrity report of the document: what a crash would do to it. */
  findings: readonly Finding[];
  /** The node or note whose words are being typed, and where: on the canvas, or in the inspector's head. */
  renaming: string | null;
  renamingIn: NamePlace;

  open: (flow: OpenFlow) => void;
  close: () => void;
  setCatalogue: (types: readonly NodeType[]) => void;
  setProblems: (problems: readonly Problem[]) => void;
  setFindings: (findings: readonly Finding[]) => void;
  setRenaming: (id: string | null, where?: NamePlace) => void;
  /** Change the document. Edits that share a `gesture` make one undo step. A viewer's edits do nothing. */
  dispatch: (operations: Operation | readonly Operation[], label: Label, gesture?: string) => void;
  /** Go on with a history that someone else's save became part of. `names`: what some of my nodes are called now. */
  takeIn: (history: History, names: ReadonlyMap<string, string>) => void;
  undo: () => void;
  redo: () => void;
  select: (selection: Partial<Selection>) => void;
}

const closed = () => ({
  flow: null,
  readOnly: true,
  document: EMPTY_DOCUMENT,
  history: beginHistory(EMPTY_DOCUMENT),
  selection: NOTHING,
  problems: [],
  findings: [],
  renaming: null,
  renamingIn: "canvas" as NamePlace,
});

/** The state's part that follows from a history. */
const standing = (history: History, selection: Selection) => {
  const document = present(history);
  return { history, document, selection: existing(selection, document) };
};

export const useEditor = create<EditorState>()((set, get) => ({
  ...closed(),
  catalogue: new Map(),

  open: ({ id, name, document, readOnly, history }) =>
    set({
      flow: { id, name },
      readOnly,
      problems: [],
      findings: [],
      renaming: null,
      ...standing(history ?? beginHistory(document), NOTHING),
    }),
  close: () => set(closed()),
  setCatalogue: (types) => set({ catalogue: new Map(types.map((type) => [type.name, type])) }),
  setProblems: (problems) => set({ problems }),
  setFindings: (findings) => set({ findings }),
  setRenaming: (renaming, renamingIn = "canvas") => set({ renaming, renamingIn }),

  dispatch: (operations, label, gesture) => {
    const { readOnly, document, history, selection } = get();
    if (readOnly) return;
    const list = Array.isArray(operations) ? (operations as readonly Operation[]) : [operations as Operation];
    const next = applyAll(document, list);
    if (next !== document) set(standing(recorded(history, next, label, gesture ?? null), selection));
  },
  takeIn: (history, names) => {
    const { selection, renaming } = get();
    const called = (id: string): string => names.get(id) ?? id;
    const followed = names.size === 0 ? selection : { ...selection, nodes: selection.nodes.map(called), notes: selection.notes.map(called) };
    set({ ...standing(history, followed), renaming: renaming === null ? null : called(renaming) });
  },
  undo: () => set(standing(undone(get().history), get().selection)),
  redo: () => set(standing(redone(get().history), get().selection)),
  select: (selection) => set({ selection: { ...NOTHING, ...selection } }),
}));

/** Of each node type the config fields that hold no expressions: what a renaming leaves alone. */
export const verbatimFields = (): Record<string, readonly string[]> =>
  Object.fromEntries([...useEditor.getState().catalogue.values()].map((type) => [type.name, type.verbatim]));
