/** Which field takes what is chosen among the data beside it: the one that had the focus last. */
import { create } from "zustand";

export interface Taker {
  id: string;
  label: string;
  take: (expression: string) => void;
}

interface Mapping {
  taker: Taker | null;
  setTaker: (taker: Taker | null) => void;
  /** The field is gone. */
  forget: (id: string) => void;
}

export const useMapping = create<Mapping>()((set) => ({
  taker: null,
  setTaker: (taker) => set({ taker }),
  forget: (id) => set(({ taker }) => (taker?.id === id ? { taker: null } : {})),
}));
