import { beforeAll, describe, expect, test } from "vitest";
import type { Change } from "@/api/changes";
import { speak, t, withWords } from "@/i18n";
import { apart, changeText, fieldOf, summaryOf } from "./words";

const change = (part: Change["part"], what: Change["what"], id = "charge", path = ""): Change => ({ part, what, id, path, before: null, after: null });

beforeAll(async () => {
  await speak("en");
  await withWords(Promise.resolve());
});

describe("changes in words", () => {
  test.each([
    [change("node", "added"), "Added node charge"],
    [change("node", "changed", "charge", "/config/url"), "Changed config.url of charge"],
    [change("edge", "removed", "a.out>b"), "Removed connection a → b"],
    [change("edge", "added", "a.error>b"), "Added connection a.error → b"],
    [change("settings", "changed", "", "/timeout"), "Changed setting timeout"],
  ])("%j", (each, words) => {
    expect(changeText(each, t)).toBe(words);
  });

  test("a path is read as a field", () => {
    expect(fieldOf("/config/headers/a~1b")).toBe("config.headers.a/b");
  });

  test("a node that changed in two fields counts once, and a re-wired edge as one", () => {
    const changes = [change("node", "changed", "a", "/label"), change("node", "changed", "a", "/config"), change("node", "moved", "b")];
    const edges: Change[] = [{ ...change("edge", "removed", "a.out>b"), twin: "a.out>c" }, { ...change("edge", "added", "a.out>c"), twin: "a.out>b" }];
    expect(summaryOf([...changes, ...edges])).toEqual({ added: 0, removed: 0, changed: 1, moved: 1, rewired: 1 });
    expect(apart([...changes, ...edges]).running.map((each) => changeText(each, t))).toEqual(["Changed label of a", "Changed config of a", "Re-wired a → b to a → c"]);
  });

  test("what is only drawn elsewhere stands apart", () => {
    const changes = [change("node", "moved", "b"), change("note", "changed", "n", "/text"), change("node", "added", "c")];
    expect(apart(changes).layout.map((each) => each.id)).toEqual(["b", "n"]);
    expect(apart(changes).running.map((each) => each.id)).toEqual(["c"]);
  });
});
