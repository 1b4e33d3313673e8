/**
 * Undo as a list of documents.
 *
 * Documents share what didn't change, so a long history costs little more than one document. Edits of
 * one gesture (a drag, the typing in one field) make one step together.
 */
import type { FlowDocument } from "./types";

export interface Step {
  document: FlowDocument;
  /** What was done to come to this document: a key of the languages with its parameters. */
  label: Label;
  gesture: string | null;
}

export interface Label {
  key: string;
  params?: Record<string, string | number>;
}

export interface History {
  steps: readonly Step[];
  /** The step that stands now. */
  at: number;
}

const LIMIT = 200;

export const beginHistory = (document: FlowDocument): History => ({
  steps: [{ document, label: { key: "commands.edit.open" }, gesture: null }],
  at: 0,
});

export const present = (history: History): FlowDocument => standingStep(history).document;
export const standingStep = (history: History): Step => stepAt(history, history.at);

function stepAt(history: History, index: number): Step {
  const step = history.steps[index];
  if (step === undefined) throw new RangeError(`a history of ${history.steps.length} has no step ${index}`);
  return step;
}

/** The history after an edit. What had been undone is forgotten; an edit that changed nothing is none. */
export function recorded(history: History, document: FlowDocument, label: Label, gesture: string | null = null): History {
  const now = standingStep(history);
  if (now.document === document) return history;
  const past = history.steps.slice(0, history.at + 1);
  const isSameGesture = gesture !== null && now.gesture === gesture && history.at === history.steps.length - 1 && history.at > 0;
  const kept = isSameGesture ? past.slice(0, -1) : past;
  const steps = [...kept, { document, label: isSameGesture ? now.label : label, gesture }].slice(-LIMIT);
  return { steps, at: steps.length - 1 };
}

export const canUndo = (history: History): boolean => history.at > 0;
export const canRedo = (history: History): boolean => history.at < history.steps.length - 1;

export const undone = (history: History): History => (canUndo(history) ? { ...history, at: history.at - 1 } : history);
export const redone = (history: History): History => (canRedo(history) ? { ...history, at: history.at + 1 } : history);

/** What the next undo takes back, and the next redo does again. */
export const undoLabel = (history: History): Label | null => (canUndo(history) ? standingStep(history).label : null);
export const redoLabel = (history: History): Label | null =>
  canRedo(history) ? stepAt(history, history.at + 1).label : null;

/** Every document of the history changed alike, for what came from elsewhere and no undo may take back. */
export const rebased = (history: History, change: (document: FlowDocument) => FlowDocument): History => ({
  ...history,
  steps: history.steps.map((step) => ({ ...step, document: change(step.document) })),
});
