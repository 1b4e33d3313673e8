import { beforeAll, describe, expect, test } from "vitest";
import type { Change } from "@/api/types";
import { speak, t, withWords } from "@/i18n";
import { changeText, fieldOf, isWeighty, summaryOf } from "./words";

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

  test("a node that changed in two fields counts once; moves weigh nothing", () => {
    const changes = [change("node", "changed", "a", "/label"), change("node", "changed", "a", "/config"), change("node", "moved", "b")];
    expect(summaryOf(changes)).toEqual({ added: 0, removed: 0, changed: 1, moved: 1 });
    expect(changes.map(isWeighty)).toEqual([true, true, false]);
  });
});
