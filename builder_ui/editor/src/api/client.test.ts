import { expect, test } from "vitest";
import { ApiError } from "./client";

const problem = (message: string, path = "") => ({ code: "bad_input", node: null, path, message, hint: "" });

test("what is wrong at a place is a problem, and what the error itself says is none", () => {
  const field = problem("email is missing.", "/form/email");
  const error = new ApiError(422, "bad_input", "The form is not filled in.", { problems: [problem("The form is not filled in."), field] });
  expect(error.problems).toEqual([field]);
  expect(new ApiError(422, "bad_input", "No.", { problems: [problem("No.")] }).problems).toEqual([]);
  expect(new ApiError(409, "conflict", "No.").problems).toEqual([]);
});
