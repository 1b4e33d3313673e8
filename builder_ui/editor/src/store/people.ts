/**
 * Who else has the open flow open, where they are on it, and telling them where one is oneself.
 *
 * It decides what is told and how often; who somebody is comes from the server. None of it is part of the document.
 */
import { create } from "zustand";
import type { Here, Peer } from "@/api/notices";
import type { Position } from "@/document/types";
import { useEditor } from "./editor";

/** Milliseconds between two words about oneself; the server lets nobody speak much more often. */
const PACE = 100;
/** The server hears of no more nodes than this. */
const MOST_SELECTED = 20;
/** The farthest place that is told. */
const FARTHEST = 1_000_000;
const NOBODY: readonly Peer[] = [];

interface People {
  /** Their windows, by key. */
  peers: ReadonlyMap<string, Peer>;
  /** Who has selected a node: one window of each person. The same lists as before wherever nothing changed. */
  byNode: ReadonlyMap<string, readonly Peer[]>;
  hear: (here: readonly Peer[], gone: readonly string[]) => void;
}

export const usePeople = create<People>()((set, get) => ({
  peers: new Map(),
  byNode: new Map(),
  hear: (here, gone) => {
    if (here.length === 0 && gone.length === 0) return;
    const peers = new Map(get().peers);
    for (const key of gone) peers.delete(key);
    for (const peer of here) peers.set(peer.key, peer);
    set({ peers, byNode: selectedBy(peers, get().byNode) });
  },
}));

function selectedBy(peers: ReadonlyMap<string, Peer>, before: People["byNode"]): People["byNode"] {
  const found = new Map<string, Peer[]>();
  for (const peer of peers.values()) {
    for (const node of peer.selected) {
      const others = found.get(node) ?? [];
      if (!others.some(({ person }) => person === peer.person)) found.set(node, [...others, peer]);
    }
  }
  const isSame = (one: readonly Peer[], other: readonly Peer[] | undefined) =>
    one.length === other?.length && one.every((peer, at) => peer.person === other[at]?.person && peer.name === other[at].name);
  return new Map([...found].map(([node, list]) => [node, isSame(list, before.get(node)) ? (before.get(node) ?? list) : list]));
}

export const usePeopleAt = (node: string): readonly Peer[] => usePeople((state) => state.byNode.get(node) ?? NOBODY);

/** Each person once, by name; of several windows the one in which something is selected. */
export function personsOf(peers: ReadonlyMap<string, Peer>): Peer[] {
  const persons = new Map<number, Peer>();
  for (const peer of peers.values()) {
    const known = persons.get(peer.person);
    if (known === undefined || (known.selected.length === 0 && peer.selected.length > 0)) persons.set(peer.person, peer);
  }
  return [...persons.values()].sort((one, other) => one.name.localeCompare(other.name) || one.person - other.person);
}

/** Asked for only when it is told: measuring at each move would cost whoever drags. */
type Pointing = (() => Position) | null;

const whole = (place: number) => Math.round(Math.max(-FARTHEST, Math.min(FARTHEST, place)));

let pointed: ((at: Pointing) => void) | null = null;

/** The pointer is here on the canvas; null: it has left it. */
export const pointAt = (at: Pointing): void => pointed?.(at);

interface Presence {
  onLine: (isOpen: boolean) => void;
  leave: () => void;
}

/** Tell the others where one is, as it changes, until `leave`. Where nobody is, no pointer is told. */
export function bePresent(say: (here: Here) => void): Presence {
  let pointer: Pointing = null;
  let told = "";
  let isOpen = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    timer = undefined;
    const at = pointer !== null && usePeople.getState().peers.size > 0 ? pointer() : null;
    const here: Here = {
      selected: useEditor.getState().selection.nodes.slice(0, MOST_SELECTED),
      pointer: at === null ? null : { x: whole(at.x), y: whole(at.y) },
    };
    const word = JSON.stringify(here);
    if (!isOpen || word === told) return;
    told = word;
    say(here);
  };
  const soon = () => {
    timer ??= setTimeout(tell, PACE);
  };
  const stop = useEditor.subscribe((state, before) => {
    if (state.selection !== before.selection) soon();
  });
  const point = (at: Pointing) => {
    pointer = at;
    if (usePeople.getState().peers.size > 0) soon();
  };
  const forget = () => usePeople.setState({ peers: new Map(), byNode: new Map() });
  pointed = point;
  return {
    onLine: (open) => {
      isOpen = open;
      told = "";
      // The server tells a new line of everybody anew.
      forget();
      if (open) tell();
    },
    leave: () => {
      stop();
      clearTimeout(timer);
      if (pointed === point) pointed = null;
      forget();
    },
  };
}
