/** How each status looks: one of five hues, and a shape that tells them apart without colour. */
export type Status =
  | "queued"
  | "running"
  | "waiting"
  | "paused"
  | "compensating"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "pending"
  | "retrying"
  | "skipped"
  | "uncertain"
  | "compensated";

export type Hue = "run" | "ok" | "bad" | "wait" | "skip";
export type Shape = "ring" | "tick" | "cross" | "clock" | "pause" | "question" | "dash" | "undo" | "dot";

export const LOOKS: Record<Status, { hue: Hue; shape: Shape }> = {
  queued: { hue: "wait", shape: "clock" },
  running: { hue: "run", shape: "ring" },
  waiting: { hue: "wait", shape: "clock" },
  paused: { hue: "wait", shape: "pause" },
  compensating: { hue: "run", shape: "ring" },
  succeeded: { hue: "ok", shape: "tick" },
  failed: { hue: "bad", shape: "cross" },
  cancelled: { hue: "skip", shape: "dash" },
  pending: { hue: "skip", shape: "dot" },
  retrying: { hue: "wait", shape: "clock" },
  skipped: { hue: "skip", shape: "dash" },
  uncertain: { hue: "wait", shape: "question" },
  compensated: { hue: "skip", shape: "undo" },
};

/** The mark of each shape, on a square of 16. */
export const MARKS: Record<Shape, string> = {
  ring: "M8 1.9A6.1 6.1 0 0 1 14.1 8",
  tick: "M4.7 8.3 7 10.6l4.4-4.9",
  cross: "m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8",
  clock: "M8 4.9V8l2.1 1.4",
  pause: "M6.4 5.7v4.6m3.2-4.6v4.6",
  question: "M6.3 6.3a1.75 1.75 0 1 1 2.5 1.6c-.6.3-.8.6-.8 1.1m0 1.9v.01",
  dash: "M5.2 8h5.6",
  undo: "M6.6 5 4.9 6.7l1.7 1.7M5 6.7h3.8a1.9 1.9 0 1 1 0 3.8H7",
  dot: "",
};

const ENDED = new Set<Status>(["succeeded", "failed", "cancelled", "skipped", "compensated", "uncertain"]);

/** Whether nothing more will happen to what stands at this status by itself. */
export const hasEnded = (status: Status): boolean => ENDED.has(status);
