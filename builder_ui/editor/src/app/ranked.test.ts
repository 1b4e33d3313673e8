import { describe, expect, test } from "vitest";
import { fit, ranked, type Entry } from "./ranked";

const entry = (name: string, also?: string): Entry => ({ id: name, group: "g", name, perform: () => undefined, ...(also ? { also } : {}) });

describe("finding by typing", () => {
  test("a beginning is better than a word, a word than a part, a part than scattered letters", () => {
    expect(["Charge card", "Recharge", "Card charge", "C h a r g e"].map((name) => fit(name, "charge"))).toEqual([0, 2, 1, 3]);
    expect(fit("Refund", "charge")).toBeNull();
  });

  test("the best stand first and the rest goes", () => {
    expect(ranked([entry("Recharge"), entry("Refund"), entry("Charge card")], "charge").map((each) => each.name)).toEqual(["Charge card", "Recharge"]);
  });

  test("an entry is found by its other words too, after those that have it in their name", () => {
    expect(ranked([entry("어두운 테마", "dark theme"), entry("dark matter")], "dark").map((each) => each.name)).toEqual(["dark matter", "어두운 테마"]);
  });

  test("what stands behind comes after what fits as well, and before what only holds the letters", () => {
    const field = { ...entry("Code"), behind: 2 };
    expect(ranked([field, entry("Compare old sides"), entry("Show the code")], "code").map((each) => each.name)).toEqual(["Show the code", "Code", "Compare old sides"]);
  });

  test("with nothing typed all stand as they came", () => {
    expect(ranked([entry("b"), entry("a")], " ").map((each) => each.name)).toEqual(["b", "a"]);
  });
});
