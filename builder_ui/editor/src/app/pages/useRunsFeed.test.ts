import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { useRunsFeed } from "./useRunsFeed";

class Line {
  static readonly OPEN = 1;
  static last: Line;
  readyState = Line.OPEN;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: () => void;
  constructor(readonly address: string) {
    Line.last = this;
  }
  send(): void {}
  close(): void {}
}

beforeEach(() => vi.stubGlobal("WebSocket", Line));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("what others release or propose has all that is known of the flow asked for again, a draft's save hasn't", () => {
  const forgotten = vi.spyOn(queryClient, "invalidateQueries").mockResolvedValue();
  const asked = (): string[] => forgotten.mock.calls.map(([what]) => JSON.stringify(what?.queryKey)).filter((key) => key.startsWith('["flows"'));
  const tell = (revision: number, releases: string): void => Line.last.onmessage?.({ data: JSON.stringify({ type: "flow", flow: { draft: { revision } }, releases }) });
  renderHook(() => useRunsFeed("f1"));
  tell(1, "one");
  expect(asked()).toEqual(['["flows","f1","environments"]', '["flows","f1","versions"]']);
  tell(2, "one");
  expect(asked()).toHaveLength(2);
  tell(2, "two");
  expect(asked().slice(2)).toEqual(['["flows","f1"]']);
  tell(3, "two");
  expect(asked()).toHaveLength(3);
});
