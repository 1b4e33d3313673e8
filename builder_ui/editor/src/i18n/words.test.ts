import { describe, expect, test } from "vitest";
import en from "./en";
import enLater from "./en/later";
import ko from "./ko";
import faults from "./ko/faults.json";
import koLater from "./ko/later";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [name, text] of leaves(value, `${prefix}${key}.`)) found.set(name, text);
  }
  return found;
}

const english = leaves({ ...en, ...enLater });
const korean = leaves({ ...ko, ...koLater });
const plain = (words: Map<string, string>) => [...new Set([...words.keys()].map((key) => key.replace(/_(one|other)$/, "")))].sort();
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? "").sort();

describe("the words", () => {
  test("English and Korean have the same keys", () => {
    expect(plain(korean)).toEqual(plain(english));
  });

  test("every plural has the forms its language needs", () => {
    for (const words of [english, korean]) {
      for (const key of words.keys()) if (key.endsWith("_one")) expect(words.has(key.replace(/_one$/, "_other")), key).toBe(true);
    }
  });

  test("a translation fills the same holes as the English", () => {
    for (const [key, text] of english) {
      const other = korean.get(key) ?? korean.get(key.replace(/_one$/, "_other"));
      // "One problem" needs no number; the other forms do.
      const needed = key.endsWith("_one") ? holes(other ?? "").filter((hole) => hole !== "count" || text.includes("{{count}}")) : holes(other ?? "");
      expect([...new Set(needed)], key).toEqual([...new Set(holes(text))]);
    }
  });

  test("no Korean particle hangs on what is filled in: which one is right depends on the sound before it", () => {
    const hangs = /\((?:을|를|은|는|이|가|과|와|으|이라)\)|\}\}["'”’»]?(?:을|를|은|는|이|가|과|와|으로|로|이라|라|여야|였습니다)(?![가-힣])/;
    for (const wrong of ["{{name}}을(를) 저장", "{{name}} 은(는)", "{{from}}에서 {{to}}로", "v{{version}}과"]) expect(hangs.test(wrong), wrong).toBe(true);
    for (const right of ["{{name}} 노드를", "한도({{limit}})를", "{{name}} 이후"]) expect(hangs.test(right), right).toBe(false);
    for (const [key, text] of leaves({ ...ko, ...koLater, faults })) expect(hangs.test(text), `${key}: ${text}`).toBe(false);
  });

  test("a thing has one name in Korean", () => {
    const retired = /플로우|워크스페이스|노드 타입|노드 종류|작업자(?!\S)|수신처|아이디|까닭|보상|하십시오/;
    for (const [key, text] of leaves({ ...ko, ...koLater, faults })) expect(retired.test(text), `${key}: ${text}`).toBe(false);
  });

  test("nothing is left empty or left in English", () => {
    for (const [key, text] of korean) {
      expect(text.trim(), key).not.toBe("");
      const same = english.get(key) === text;
      if (same) expect(/^[A-Z]{2,}|^[\W\d]+$|\{\{|^[a-z]+(\.[a-z]+)*$|JSON|API|ID|URL|CSV|Mulgil/.test(text), `${key}: ${text}`).toBe(true);
    }
  });
});
