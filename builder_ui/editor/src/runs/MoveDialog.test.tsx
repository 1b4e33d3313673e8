import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { MovePreview } from "@/api/moving";
import { speak, withWords } from "@/i18n";
import type { RunView } from "@/store/fold";
import { useRun } from "@/store/run";
import { fillIn, serve, show } from "@/ui/testing";
import { MoveDialog } from "./MoveDialog";

const versions = { results: [3, 2, 1].map((version) => ({ version, name: version === 3 ? "mended" : "", note: "", hash: "h", published_at: "", pruned_at: version === 2 ? "2026-01-01T00:00:00Z" : null })) };
const fits: MovePreview = {
  was: 1, version: 3, obstacles: [], matched: ["start", "paid"], new: ["more"], gone: ["old"], begins: ["more"], deadline: null,
  stands: [{ step: "paid", node: "paid", status: "waiting", waits_on: "signal", ref: "money", due: null, changed: true }],
};
const not: MovePreview = { ...fits, obstacles: [{ code: "before_it", node: "paid", message: "paid has begun" }], matched: [], begins: [] };

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});
beforeEach(() => {
  fillIn();
  useRun.setState({ live: { id: "r", flow: "f", version: 1, number: 7, seq: 4, status: "waiting", steps: new Map() } as unknown as RunView });
});
afterEach(() => {
  cleanup();
  useRun.setState({ live: null });
  vi.unstubAllGlobals();
});

async function chosen(preview: MovePreview) {
  const asked = serve({ "GET /api/flows/f/versions/": versions, "POST /api/runs/r/move/": preview });
  const closed = vi.fn();
  show(<MoveDialog onClose={closed} />);
  fireEvent.click(screen.getByRole("combobox", { name: "To the version" }));
  fireEvent.click(await screen.findByText("v3 · mended"));
  return { asked, closed };
}

test("what would become of the run is shown before it is moved", async () => {
  const { asked, closed } = await chosen(fits);
  expect(await screen.findByText(/paid goes on waiting for the signal money\./)).toBeDefined();
  expect(screen.getByText(/set otherwise there/)).toBeDefined();
  expect(screen.queryByText("v2")).toBeNull();
  expect(screen.queryByText("v1")).toBeNull();
  expect(closed).not.toHaveBeenCalled();
  fireEvent.change(screen.getByLabelText("Reason"), { target: { value: "mended" } });
  fireEvent.click(screen.getByRole("button", { name: "Move" }));
  await waitFor(() => expect(closed).toHaveBeenCalled());
  expect(asked.at(-1)).toEqual({ method: "POST", path: "/api/runs/r/move/", body: { version: 3, reason: "mended" } });
});

test("what is against it is said, and nothing can be moved", async () => {
  await chosen(not);
  expect(await screen.findByText("paid has begun")).toBeDefined();
  expect(screen.getByRole("button", { name: "Move" })).toHaveProperty("disabled", true);
});

test("the look is not taken anew while the move is under way, of which the run may tell before the answer comes", async () => {
  const { closed } = await chosen(fits);
  await screen.findByText(/paid goes on waiting/);
  let answer: (told: Response) => void = () => undefined;
  const fetched = vi.fn(() => new Promise<Response>((resolve) => (answer = resolve)));
  vi.stubGlobal("fetch", fetched);
  fireEvent.click(screen.getByRole("button", { name: "Move" }));
  await waitFor(() => expect(fetched).toHaveBeenCalledTimes(1));
  act(() => useRun.setState((state) => ({ live: state.live && { ...state.live, version: 3, seq: 5 } })));
  expect(screen.getByText(/paid goes on waiting/)).toBeDefined();
  expect(fetched).toHaveBeenCalledTimes(1);
  answer(new Response(JSON.stringify({}), { status: 202 }));
  await waitFor(() => expect(closed).toHaveBeenCalled());
});
