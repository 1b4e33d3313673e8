import { act, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect, useState } from "react";
import { describe, expect, test } from "vitest";
import type { JsonSchema } from "@/api/types";
import { placed } from "@/document/operations/set_config";
import type { Json, JsonObject } from "@/document/types";
import { onFreshPages, show } from "@/ui/testing";
import { ConfigForm } from "./ConfigForm";
import { useMapping } from "../mapping";
import type { FormContext } from "./context";

const schema: JsonSchema = {
  type: "object",
  properties: {
    method: { enum: ["GET", "POST"], default: "GET" },
    url: { type: "string", description: "Where to" },
    timeout: { anyOf: [{ type: "string", format: "mulgil-duration" }, { type: "null" }], default: null },
    headers: { type: "object", additionalProperties: { type: "string" } },
    tries: { type: "integer", minimum: 1 },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["url"],
};

let value: JsonObject = {};

function Page({ start, root = schema, ...context }: Partial<FormContext> & { start: JsonObject }) {
  const [config, setConfig] = useState(start);
  useEffect(() => {
    value = config;
  });
  const set = (path: (string | number)[], next: Json | undefined): void => setConfig((before) => (placed(before, path, next) ?? {}) as JsonObject);
  return <ConfigForm id="t" root={root} value={config} readOnly={false} verbatim={new Set()} labels={{}} scope={null} problemsAt={() => []} {...context} set={set} />;
}

onFreshPages();

describe("a form drawn from a schema", () => {
  test("what is required stands, the rest waits under Add option", async () => {
    show(<Page start={{}} />);
    expect(screen.getByLabelText(/Url/)).toBeTruthy();
    expect(screen.queryByText("Headers")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: /Add option/ }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /Headers/ }));
    expect(value).toEqual({ headers: {} });
    await userEvent.click(screen.getByRole("button", { name: "Add field" }));
    expect(value).toEqual({ headers: { name: "" } });
  });

  test("a value beside its name in a map is called by that name, without a second label", () => {
    show(<Page start={{ url: "x", headers: { accept: "text/plain" }, tags: ["one"] }} />);
    expect(screen.getByRole("textbox", { name: "accept" })).toHaveProperty("value", "text/plain");
    expect(screen.queryByText("accept")).toBeNull();
    expect(screen.getByRole("textbox", { name: "Tags 1" })).toHaveProperty("value", "one");
  });

  test("an option taken out of the form leaves the config", async () => {
    show(<Page start={{ url: "x", method: "POST" }} />);
    await userEvent.click(screen.getByRole("button", { name: "Remove Method" }));
    expect(value).toEqual({ url: "x" });
  });

  test("a text is typed into the config, and an emptied one leaves it", () => {
    show(<Page start={{}} />);
    const url = screen.getByLabelText(/Url/);
    fireEvent.change(url, { target: { value: "https://a.example" } });
    expect(value).toEqual({ url: "https://a.example" });
    fireEvent.change(screen.getByLabelText(/Url/), { target: { value: "" } });
    expect(value).toEqual({});
  });

  test("an optional text that is emptied stays where it stands, and is taken out by its button", async () => {
    const note: JsonSchema = { type: "object", properties: { url: { type: "string" }, note: { type: "string" } }, required: ["url"] };
    show(<Page root={note} start={{ url: "x", note: "a" }} />);
    const field = screen.getByRole("textbox", { name: "Note" });
    await userEvent.clear(field);
    expect(value).toEqual({ url: "x" });
    expect(screen.getByRole("textbox", { name: "Note" })).toBe(field);
    await userEvent.type(field, "b");
    expect(value.note).toBe("b");
    await userEvent.click(screen.getByRole("button", { name: "Remove Note" }));
    expect(screen.queryByRole("textbox", { name: "Note" })).toBeNull();
  });

  test("an emptied text is given as empty where leaving it out would mean the default", async () => {
    const address: JsonSchema = { type: "object", properties: { url: { type: "string" }, address: { type: "string", default: "12 Mulgil Road" } }, required: ["url"] };
    show(<Page root={address} start={{ url: "x", address: "12 Mulgil Road" }} />);
    const field = screen.getByRole("textbox", { name: "Address" });
    await userEvent.clear(field);
    expect(value).toEqual({ url: "x", address: "" });
    expect(field.getAttribute("placeholder") ?? "").toBe("");
  });

  test("a duration is a number and a unit", () => {
    show(<Page start={{ url: "x", timeout: "30s" }} />);
    fireEvent.change(screen.getByLabelText("Timeout"), { target: { value: "45" } });
    expect(value.timeout).toBe("45s");
  });

  test("items of a list are added and removed", async () => {
    show(<Page start={{ url: "x", tags: ["a"] }} />);
    await userEvent.click(screen.getByRole("button", { name: "Add item" }));
    expect(value.tags).toEqual(["a", ""]);
    await userEvent.click(screen.getByRole("button", { name: "Remove 1" }));
    expect(value.tags).toEqual([""]);
  });

  test("what is added has the focus: the name of a field, the text of an item, the option taken up", async () => {
    show(<Page start={{ url: "x", headers: {}, tags: [] }} />);
    await userEvent.click(screen.getByRole("button", { name: "Add field" }));
    await userEvent.keyboard("accept{Enter}text/plain");
    expect(value.headers).toEqual({ accept: "text/plain" });
    await userEvent.click(screen.getByRole("button", { name: "Add item" }));
    await userEvent.keyboard("one");
    expect(value.tags).toEqual(["one"]);
    await userEvent.click(screen.getByRole("button", { name: /Add option/ }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /Tries/ }));
    await userEvent.keyboard("3");
    expect(value.tries).toBe(3);
  });

  test("a field's name is typed, and Tab leads through its row, which stays", async () => {
    show(<Page start={{ url: "x", headers: {} }} />);
    await userEvent.click(screen.getByRole("button", { name: "Add field" }));
    await userEvent.keyboard("accept{Tab}{Tab}text/plain");
    expect(value.headers).toEqual({ accept: "text/plain" });
  });

  test("where a row was removed the button that adds has the focus", async () => {
    show(<Page start={{ url: "x", headers: { accept: "text/plain", host: "a" }, tags: ["one"] }} />);
    await userEvent.click(screen.getByRole("button", { name: "Remove accept" }));
    expect(value.headers).toEqual({ host: "a" });
    expect(screen.getByLabelText("Name")).toHaveProperty("value", "host");
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Add field" }));
    await userEvent.click(screen.getByRole("button", { name: "Remove 1" }));
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Add item" }));
  });

  test("several of a set of values are chosen in a field that comes when it is needed", async () => {
    const days: JsonSchema = { type: "object", properties: { days: { type: "array", items: { enum: ["mon", "tue"] }, uniqueItems: true } }, required: ["days"] };
    show(<Page root={days} start={{ days: ["mon"] }} />);
    await userEvent.click(await screen.findByLabelText(/Days/));
    await userEvent.click(await screen.findByRole("option", { name: "tue" }));
    expect(value.days).toEqual(["mon", "tue"]);
  });

  test("a problem stands at its field, with its mend", () => {
    const problem = { code: "bad", node: "n", path: "", message: "That is no address.", hint: "Begin with https." };
    show(<Page start={{}} problemsAt={(path) => (path.join("/") === "url" ? [problem] : [])} />);
    expect(screen.getByRole("alert").textContent).toContain("That is no address.");
    expect(screen.getByRole("alert").textContent).toContain("Begin with https.");
  });

  test.each(["=", "see {{"])("typing %s begins an expression", (typed) => {
    show(<Page start={{}} scope={{ run: null, roots: [], offersAt: () => Promise.resolve([]) }} />);
    fireEvent.change(screen.getByLabelText(/Url/), { target: { value: typed } });
    expect(value.url).toBe(typed === "=" ? "{{  }}" : "see {{  }}");
    expect(screen.getByText("expression")).toBeTruthy();
  });

  test("while a value is dragged all fields that take it show so, and no other", () => {
    show(<Page start={{ url: "x", method: "GET", headers: { accept: "text/plain" } }} verbatim={new Set(["method"])} scope={{ run: null, roots: [], offersAt: () => Promise.resolve([]) }} />);
    const taking = () => [...document.querySelectorAll<HTMLElement>("[data-takes]")].map((field) => field.dataset.field);
    expect(taking()).toEqual([]);
    act(() => useMapping.getState().setCarrying(true));
    expect(taking()).toEqual(expect.arrayContaining(["/url", "/headers/accept"]));
    expect(taking()).not.toContain("/method");
    expect(taking()).not.toContain("/headers");
    act(() => useMapping.getState().setCarrying(false));
    expect(taking()).toEqual([]);
  });

  test.each(["d", ""])("JSON over which %j is written keeps the focus, whichever field takes its place", (typed) => {
    const any: JsonSchema = { type: "object", properties: { input: {} }, required: ["input"] };
    show(<Page root={any} start={{ input: { a: 1 } }} scope={{ run: null, roots: [], offersAt: () => Promise.resolve([]) }} />);
    const field = screen.getByRole("textbox", { name: "Input" });
    field.focus();
    fireEvent.change(field, { target: { value: typed } });
    expect(value.input).toBe(typed === "" ? undefined : typed);
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Input" }));
    expect(document.activeElement).not.toBe(field);
  });

  test("a verbatim field takes braces as they are", () => {
    show(<Page start={{ url: "" }} verbatim={new Set(["url"])} scope={{ run: null, roots: [], offersAt: () => Promise.resolve([]) }} />);
    expect(screen.queryByRole("button", { name: /Set by an expression/ })).toBeNull();
  });

  test("a viewer changes nothing", () => {
    show(<Page start={{ url: "x" }} readOnly />);
    expect(screen.queryByRole("button", { name: /Add option/ })).toBeNull();
    expect(screen.getByLabelText<HTMLTextAreaElement>(/Url/).readOnly).toBe(true);
  });
});
