/** What the page shows beside the document: drawers, palettes, and a handle on the canvas for commands. */
import { create } from "zustand";
import type { ApiError } from "@/api/client";
import type { Difference } from "@/document/diff";
import type { FlowDocument, Position } from "@/document/types";

/** What commands may ask of the canvas; the canvas hands it in while it stands. */
export interface CanvasHandle {
  zoomIn: () => void;
  zoomOut: () => void;
  zoomTo: (factor: number) => void;
  fit: (nodes?: readonly string[]) => void;
  /** Bring a node into view. */
  reveal: (node: string) => void;
  /** Whether the words on a card can be read at this zoom. */
  isReadable: () => boolean;
  /** Bring a node into view and give it the focus. */
  show: (node: string) => void;
  /** The same once what has the focus now is drawn away; not where it goes elsewhere meanwhile. */
  showAfter: (node: string) => void;
  /** The place on the canvas under the pointer, or in the middle where the pointer is elsewhere. */
  pointer: () => Position;
  pointerOnScreen: () => Position;
  toCanvas: (screen: Position) => Position;
  /** Let a node type fall on the canvas; says whether it fell there. */
  drop: (type: string, screen: Position) => boolean;
  /** Sizes as drawn, for the layout. */
  sizes: () => ReadonlyMap<string, { width: number; height: number }>;
  /** All that is drawn as an SVG, and how many pixels of a PNG stand for one of it. */
  picture: () => Promise<{ svg: string; width: number; height: number; scale: number }>;
}

/** The palette that opens on the canvas: where, and what the new node shall be wired to. */
export interface InsertAt {
  screen: Position;
  canvas: Position;
  /** Wire the new node's entry to this port. */
  from?: { node: string; port: string };
  /** The port was not chosen, it is the only one free: where a node goes that nothing may lead to. */
  unwired?: Position;
  /** Wire the new node's first port to the entry of this node. */
  to?: string;
  /** Put the new node into this edge. */
  edge?: string;
  parent?: string | null;
}

/** Two documents that are compared on the canvas; `after` is null for the draft as it stands. */
export interface Compared {
  before: FlowDocument;
  after: FlowDocument | null;
  difference: Difference;
}

export interface ViewState {
  canvas: CanvasHandle | null;
  /** The open palette at the cursor. */
  insert: InsertAt | null;
  /** The node type that is being dragged out of the drawer. */
  carried: { type: string; screen: Position } | null;
  /** The hand carries cards about: what takes long to draw waits until they are let go. */
  holding: boolean;
  drawer: boolean;
  /** The tree of the flow stands where the palette does. */
  outline: boolean;
  /** The document as text stands there. */
  code: boolean;
  help: boolean;
  /** The inspector of a node stands in three panes. */
  wide: boolean;
  /** What the selected node reads is drawn, and who reads it. */
  reading: boolean;
  /** The node that is worked on with a sample, asked for from elsewhere. */
  trying: { node: string; sample: string } | null;
  /** Whether someone is being shown around. */
  tour: boolean;
  commandPalette: boolean;
  /** What is looked for in it: keys that come before it is there count too. */
  sought: string;
  hand: boolean;
  folded: ReadonlySet<string>;
  /** The node for which a target is being chosen from a list (`C`); the port, where one was meant. */
  connectFrom: { node: string; port?: string } | null;
  /** A dialog that a command asked for; the region it belongs to shows it. */
  dialog: "run" | "publish" | "extract" | null;
  /** A field that the inspector shall bring into view: a JSON Pointer into the node. */
  focusField: { node: string; path: string } | null;
  /** While two versions are compared, the canvas shows both as one. */
  compared: Compared | null;
  /** What has just happened, for the live region: a key of the languages. */
  said: { key: string; params?: Record<string, string | number> } | null;
  /** What a command has to tell about what it did; the app shows it for a moment. */
  notice: { key: string; params?: Record<string, string | number> } | null;
  /** What the server has just refused; the app shows it until it is dismissed. */
  failure: ApiError | null;

  setCanvas: (canvas: CanvasHandle | null) => void;
  openInsert: (insert: InsertAt | null) => void;
  carry: (carried: ViewState["carried"]) => void;
  hold: (on: boolean) => void;
  setDrawer: (open: boolean) => void;
  setOutline: (open: boolean) => void;
  setCode: (open: boolean) => void;
  setHelp: (open: boolean) => void;
  setWide: (wide: boolean) => void;
  setReading: (reading: boolean) => void;
  tryOn: (trying: ViewState["trying"]) => void;
  setTour: (on: boolean) => void;
  setCommandPalette: (open: boolean) => void;
  seek: (sought: string) => void;
  setHand: (on: boolean) => void;
  setFolded: (container: string, isFolded: boolean) => void;
  setConnectFrom: (from: ViewState["connectFrom"]) => void;
  openDialog: (dialog: ViewState["dialog"]) => void;
  focus: (field: ViewState["focusField"]) => void;
  compare: (compared: Compared | null) => void;
  say: (said: ViewState["said"]) => void;
  tell: (notice: ViewState["notice"]) => void;
  fail: (failure: ApiError | null) => void;
}

/** Whether this browser had the inspector wide when it was last asked for. */
const WIDE = "mulgil.wide";

/** Up to this width of the window three panes at the right leave the canvas no room beside what stands at the left. */
export const TIGHT = 1560;
const isTight = (): boolean => window.innerWidth <= TIGHT;

export const useView = create<ViewState>()((set, get) => ({
  canvas: null,
  insert: null,
  carried: null,
  holding: false,
  // On a narrow screen the canvas needs the room; one press opens the drawer.
  drawer: window.innerWidth >= 1400,
  outline: false,
  code: false,
  help: false,
  wide: localStorage.getItem(WIDE) === "1",
  reading: false,
  trying: null,
  tour: false,
  commandPalette: false,
  sought: "",
  hand: false,
  folded: new Set(),
  connectFrom: null,
  dialog: null,
  focusField: null,
  compared: null,
  said: null,
  notice: null,
  failure: null,

  setCanvas: (canvas) => set({ canvas, holding: false }),
  openInsert: (insert) => set({ insert }),
  carry: (carried) => set({ carried }),
  hold: (holding) => set({ holding }),
  // What stands at the left takes the place of what stood there.
  setDrawer: (drawer) => set((state) => ({ drawer, outline: state.outline && !drawer, code: state.code && !drawer })),
  setOutline: (outline) => set((state) => ({ outline, drawer: state.drawer && !outline, code: state.code && !outline })),
  // Where the text and three panes have no room beside each other, what was asked for last stays.
  setCode: (code) => set((state) => ({ code, drawer: state.drawer && !code, outline: state.outline && !code, wide: state.wide && !(code && isTight()) })),
  setHelp: (help) => set({ help }),
  setWide: (wide) => {
    localStorage.setItem(WIDE, wide ? "1" : "0");
    set((state) => ({ wide, code: state.code && !(wide && isTight()) }));
  },
  setReading: (reading) => set({ reading }),
  tryOn: (trying) => set({ trying }),
  setTour: (tour) => set({ tour }),
  setCommandPalette: (commandPalette) => set({ commandPalette, sought: "" }),
  seek: (sought) => set({ sought }),
  setHand: (hand) => set({ hand }),
  setFolded: (container, isFolded) => {
    const folded = new Set(get().folded);
    if (isFolded) folded.add(container);
    else folded.delete(container);
    set({ folded });
  },
  setConnectFrom: (connectFrom) => set({ connectFrom }),
  openDialog: (dialog) => set({ dialog }),
  // Whoever is sent to a field works on it, and no more on a sample.
  focus: (focusField) => set(focusField === null ? { focusField } : { focusField, trying: null }),
  compare: (compared) => set({ compared }),
  say: (said) => set({ said }),
  tell: (notice) => set({ notice }),
  fail: (failure) => set({ failure }),
}));
