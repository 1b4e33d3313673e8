import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { onFreshPages, serve, show } from "@/ui/testing";
import { EnvironmentSelect } from "./EnvironmentSelect";

const known = [{ name: "staging", is_default: false }, { name: "production", is_default: true }];

onFreshPages();

test("the default environment is chosen until another is", async () => {
  serve({ "GET /api/environments/": { results: known, next: null } });
  const onChange = vi.fn();
  show(<EnvironmentSelect value={null} onChange={onChange} />);
  const select = await screen.findByRole<HTMLInputElement>("combobox", { name: "Environment" });
  expect(select.value).toBe("production");
  await userEvent.click(select);
  await userEvent.click(await screen.findByRole("option", { name: "staging" }));
  expect(onChange).toHaveBeenCalledWith("staging");
});

test("one that was chosen is shown as such", async () => {
  serve({ "GET /api/environments/": { results: known, next: null } });
  show(<EnvironmentSelect value="staging" onChange={() => undefined} />);
  expect((await screen.findByRole<HTMLInputElement>("combobox", { name: "Environment" })).value).toBe("staging");
});
