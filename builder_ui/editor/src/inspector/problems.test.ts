import { expect, test } from "vitest";
import { placeOf, problemsOf } from "./problems";

const problem = (path: string | null) => ({ code: "x", node: "charge", path, message: "", hint: null });

test.each([
  ["/config/url", ["config", "url"]],
  ["/nodes/3/config/cases/0/port", ["config", "cases", "0", "port"]],
  ["config.cases[0].port", ["config", "cases", "0", "port"]],
  ["nodes[2].config.url", ["config", "url"]],
  ["nodes.2.id", ["id"]],
  ["/config/a~1b", ["config", "a/b"]],
  [null, []],
])("%s is read as a place in the node", (path, place) => {
  expect(placeOf(problem(path))).toEqual(place);
});

test("a problem is shown at its own field and at no other", () => {
  const problems = [problem("/config/cases/0/port")];
  expect(problemsOf(problems, "charge", ["config", "cases", 0, "port"])).toHaveLength(1);
  expect(problemsOf(problems, "charge", ["config", "cases"])).toHaveLength(0);
  expect(problemsOf(problems, "other", ["config", "cases", 0, "port"])).toHaveLength(0);
});
