import { describe, expect, test } from "vitest";
import type { Environment } from "@/api/environments";
import { changeOf, faultOfBinding, faultOfVariable, isFaulty, placesAfter, typedOf } from "./form";

const environment = (name: string, place: number, more: Partial<Environment> = {}): Environment => ({
  name, place, is_default: false, vars: {}, credentials: {}, releasers: { users: [], roles: [], groups: [] }, needs_second: false, ...more,
});
const staging = environment("staging", 2, { vars: { base: "http://there", most: 3 }, credentials: { payments: "payments-test" } });

describe("what is typed", () => {
  test("as it stands it changes nothing", () => {
    expect(changeOf(staging, typedOf(staging))).toBeNull();
    expect(isFaulty(typedOf(staging))).toBe(false);
  });

  test("only what differs is told, each part whole", () => {
    const typed = typedOf(staging);
    expect(changeOf(staging, { ...typed, vars: [...typed.vars, { name: " list ", value: "[1, null]" }] })).toEqual({ vars: { base: "http://there", most: 3, list: [1, null] } });
    expect(changeOf(staging, { ...typed, credentials: [], needsSecond: true })).toEqual({ credentials: {}, needs_second: true });
    expect(changeOf(staging, { ...typed, releasers: { users: ["ann"], roles: [], groups: [] } })).toEqual({ releasers: { users: ["ann"], roles: [], groups: [] } });
  });

  test("the order of variables is no change", () => {
    const typed = typedOf(staging);
    expect(changeOf(staging, { ...typed, vars: [...typed.vars].reverse() })).toBeNull();
  });

  test("a value is JSON, a name is there and there once", () => {
    const rows = [{ name: "a", value: "1" }, { name: "a ", value: "2" }, { name: " ", value: "3" }, { name: "b", value: "http://no" }];
    expect(rows.map((_, at) => faultOfVariable(rows, at))).toEqual([null, "twice", "noName", "notJson"]);
    expect(isFaulty({ ...typedOf(staging), vars: rows })).toBe(true);
  });

  test("a row in which nothing stands is no fault and no change", () => {
    const typed = typedOf(staging);
    const blank = { ...typed, vars: [...typed.vars, { name: "", value: "" }], credentials: [...typed.credentials, { name: "", credential: null }] };
    expect(isFaulty(blank)).toBe(false);
    expect(changeOf(staging, blank)).toBeNull();
  });

  test("a binding names a credential", () => {
    const rows = [{ name: "payments", credential: null }, { name: "mail", credential: "smtp" }];
    expect(rows.map((_, at) => faultOfBinding(rows, at))).toEqual(["noCredential", null]);
  });
});

describe("the order", () => {
  const list = [environment("dev", 1), environment("staging", 2), environment("production", 3)];

  test("two change places, and the others are left alone", () => {
    expect(placesAfter(list, "staging", -1)).toEqual([{ name: "staging", place: 1 }, { name: "dev", place: 2 }]);
  });

  test("places that were alike are told apart", () => {
    const alike = [environment("dev", 1), environment("qa", 1), environment("production", 1)];
    expect(placesAfter(alike, "qa", 1)).toEqual([{ name: "production", place: 2 }, { name: "qa", place: 3 }]);
  });

  test("nothing goes beyond an end", () => {
    expect(placesAfter(list, "dev", -1)).toEqual([]);
    expect(placesAfter(list, "production", 1)).toEqual([]);
    expect(placesAfter(list, "moon", 1)).toEqual([]);
  });
});
