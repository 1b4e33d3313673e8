/** The keys a person gave to commands in place of those they come with: a mirror of their profile. */
import { create } from "zustand";

/** By the command's id; an empty list is a command without keys. */
export type OwnKeys = Readonly<Record<string, readonly string[]>>;

export const useKeys = create<{ own: OwnKeys }>()(() => ({ own: {} }));
