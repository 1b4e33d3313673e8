/** Which field takes what is chosen among the data beside it: the one that had the focus last; and that something is on its way, which all fields that take it show. */
import { create } from "zustand";

export interface Taker {
  id: string;
  label: string;
  take: (expression: string) => void;
}

interface Mapping {
  taker: Taker | null;
  /** A value is being dragged. */
  isCarrying: boolean;
  setCarrying: (isCarrying: boolean) => void;
  setTaker: (taker: Taker | null) => void;
  /** The field is gone. */
  forget: (id: string) => void;
}

export const useMapping = create<Mapping>()((set) => ({
  taker: null,
  isCarrying: false,
  setCarrying: (isCarrying) => set({ isCarrying }),
  setTaker: (taker) => set({ taker }),
  forget: (id) => set(({ taker }) => (taker?.id === id ? { taker: null } : {})),
}));
