import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followRun, type Feed } from "./feed";
import type { RunEvent } from "./types";

class Line {
  static readonly OPEN = 1;
  static last: Line;
  readyState = Line.OPEN;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  readonly sent: string[] = [];
  constructor(readonly address: string) {
    Line.last = this;
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  tell(seq: number): void {
    this.onmessage?.({ data: JSON.stringify({ type: "event", seq, kind: "step_started", step: "a", at: "2026-01-01T00:00:00Z", data: {} }) });
  }
}

let feed: Feed;
let told: number[][];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Line);
  told = [];
  feed = followRun("r", { onSnapshot: () => undefined, onEvents: (events: RunEvent[]) => told.push(events.map((event) => event.seq)) });
});

afterEach(() => {
  feed.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("events of one commit that come a moment apart after a quiet while are told together, and soon", () => {
  vi.advanceTimersByTime(500);
  Line.last.tell(1);
  vi.advanceTimersByTime(1);
  Line.last.tell(2);
  Line.last.tell(3);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(told).toEqual([[1, 2, 3]]);
  expect(Line.last.sent).toEqual([JSON.stringify({ type: "ack", seq: 3 })]);
});

test("a busy run is told once in a frame, each event once and in order", () => {
  for (let seq = 1; seq <= 100; seq++) {
    Line.last.tell(seq);
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(20);
  expect(told.flat()).toEqual(Array.from({ length: 100 }, (_, place) => place + 1));
  expect(told.length).toBeLessThanOrEqual(1 + Math.ceil(100 / 16));
});
