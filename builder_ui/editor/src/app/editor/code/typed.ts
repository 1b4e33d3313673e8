/** What has been typed in the code view and not yet been taken over: it outlives the view and a reload of the page. */
import { create } from "zustand";
import type { Format } from "@/document/code/source";
import type { FlowDocument } from "@/document/types";

export interface Typed {
  text: string;
  format: Format;
  /** The document the text began with: what else changed meanwhile is told apart by it. */
  base: FlowDocument;
}

interface TypedState {
  flow: string | null;
  typed: Typed | null;
  /** Look at this flow: what was typed for it comes back. */
  open: (flow: string) => void;
  keep: (typed: Typed | null) => void;
}

const keyOf = (flow: string): string => `mulgil.code.${flow}`;

function recalled(flow: string): Typed | null {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(flow)) ?? "null") as Typed | null;
  } catch {
    return null;
  }
}

function store(flow: string, typed: Typed | null): void {
  try {
    if (typed === null) sessionStorage.removeItem(keyOf(flow));
    else sessionStorage.setItem(keyOf(flow), JSON.stringify(typed));
  } catch {
    // The browser's store is full or closed: the text stands on this page all the same.
  }
}

export const useTyped = create<TypedState>()((set, get) => ({
  flow: null,
  typed: null,
  open: (flow) => {
    if (get().flow !== flow) set({ flow, typed: recalled(flow) });
  },
  keep: (typed) => {
    const { flow } = get();
    if (flow === null) return;
    set({ typed });
    store(flow, typed);
  },
}));
