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

const ENDED = new Set<Status>(["succeeded", "failed", "cancelled", "skipped", "compensated", "uncertain"]);

/** Whether nothing more will happen to what stands at this status by itself. */
export const hasEnded = (status: Status): boolean => ENDED.has(status);
