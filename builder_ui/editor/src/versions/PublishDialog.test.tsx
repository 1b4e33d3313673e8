import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { onFreshPages, serve, show } from "@/ui/testing";
import { PublishDialog } from "./PublishDialog";

const flow = { id: "f1", name: "Orders", live_version: 1 };
const taken = { code: "path_taken", message: "The webhook path orders belongs to the flow Shop already.", hint: "Give it another path." };
const answers = {
  "GET /api/flows/f1/": flow,
  "GET /api/flows/f1/diff/": { changes: [], text: "" },
  "GET /api/flows/f1/publish/": { obstacles: [taken] },
  "POST /api/flows/f1/publish/": { version: 2, proposal: null },
};

onFreshPages();

const button = (): HTMLElement => screen.getByRole("button", { name: "Publish" });

test("what would refuse the release is told before, and holds up nothing that it doesn't refuse", async () => {
  const asked = serve(answers);
  show(<PublishDialog flow="f1" onClose={() => undefined} onPublished={() => undefined} onProblems={() => undefined} />);
  expect((await screen.findByRole("alert")).textContent).toContain(`${taken.message} ${taken.hint}`);
  expect(button().hasAttribute("disabled")).toBe(true);
  // A canary leaves the triggers as they are.
  await userEvent.click(await screen.findByRole("radio", { name: /^A few at first/ }));
  expect([screen.queryByRole("alert"), button().hasAttribute("disabled")]).toEqual([null, false]);
  await userEvent.click(screen.getByRole("radio", { name: "All new runs, at once" }));
  expect(button().hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("radio", { name: "Nobody yet" }));
  await userEvent.click(button());
  await waitFor(() => expect(asked.find((each) => each.method === "POST")?.body).toMatchObject({ release: false }));
});

test("what is published for the first time can be published without a release where that is refused", async () => {
  serve({ ...answers, "GET /api/flows/f1/": { ...flow, live_version: null } });
  show(<PublishDialog flow="f1" onClose={() => undefined} onPublished={() => undefined} onProblems={() => undefined} />);
  await screen.findByRole("alert");
  expect(screen.getAllByRole("radio").map((each) => (each as HTMLInputElement).value)).toEqual(["all", "none"]);
});

test("a difference that could not be read is not shown as none", async () => {
  const { "GET /api/flows/f1/diff/": _, ...rest } = answers;
  serve({ ...rest, "GET /api/flows/f1/publish/": { obstacles: [] } });
  show(<PublishDialog flow="f1" onClose={() => undefined} onPublished={() => undefined} onProblems={() => undefined} />);
  expect(await screen.findByText("What changed couldn't be loaded")).toBeTruthy();
  expect(button().hasAttribute("disabled")).toBe(false);
});
