import { afterEach, expect, test, vi } from "vitest";
import { ApiError, get } from "./client";

afterEach(() => vi.unstubAllGlobals());

const problem = (message: string, path = "") => ({ code: "bad_input", node: null, path, message, hint: "" });

test("what is wrong at a place is a problem, and what the error itself says is none", () => {
  const field = problem("email is missing.", "/form/email");
  const error = new ApiError(422, "bad_input", "The form is not filled in.", { problems: [problem("The form is not filled in."), field] });
  expect(error.problems).toEqual([field]);
  expect(new ApiError(422, "bad_input", "No.", { problems: [problem("No.")] }).problems).toEqual([]);
  expect(new ApiError(409, "conflict", "No.").problems).toEqual([]);
});

test("a document has its nodes and edges here, although the server leaves out what is empty", async () => {
  const told = { document: { dsl: 1 }, version: 3 };
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(told)));
  expect(await get("/api/runs/r/document/")).toEqual({ document: { dsl: 1, nodes: [], edges: [] }, version: 3 });
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(null)));
  expect(await get("/api/nothing/")).toBeNull();
});
