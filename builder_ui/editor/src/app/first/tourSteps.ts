/** The stations of the tour, and whether it was seen. */
import type { TextKey } from "@/i18n";

export interface Station {
  id: string;
  /** What it shows; the first of these that is on the page. */
  targets: readonly string[];
  title: TextKey;
  words: TextKey;
}

export const STATIONS: readonly Station[] = [
  { id: "palette", targets: ['[data-testid="palette"]', '[data-tour="add"]'], title: "samples.tour.palette.title", words: "samples.tour.palette.words" },
  { id: "canvas", targets: [".react-flow__node", '[data-testid="canvas"]'], title: "samples.tour.canvas.title", words: "samples.tour.canvas.words" },
  { id: "inspector", targets: ['[data-region="inspector"]'], title: "samples.tour.inspector.title", words: "samples.tour.inspector.words" },
  { id: "run", targets: ['[data-testid="run"]'], title: "samples.tour.run.title", words: "samples.tour.run.words" },
];

const KEPT = "mulgil.tour";

/** Seen or declined on this machine; where nothing may be kept it is offered again. */
export function isTourKnown(): boolean {
  try {
    return localStorage.getItem(KEPT) !== null;
  } catch {
    return false;
  }
}

export function keepTourKnown(): void {
  try {
    localStorage.setItem(KEPT, "seen");
  } catch {
    // A window that may keep nothing: the tour is offered again there, which harms nobody.
  }
}
