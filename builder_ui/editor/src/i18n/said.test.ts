import { expect, test } from "vitest";
import i18next from "i18next";
import { speak, t } from "./index";

test("what was said is said again in the language of now, and with the words that came since", async () => {
  await speak("en");
  const waiting = t("common.status.waiting");
  expect(t("common.status.waiting")).toBe(waiting);
  await speak("ko");
  expect(t("common.status.waiting")).not.toBe(waiting);
  await speak("en");
  expect(t("common.status.waiting")).toBe(waiting);
  i18next.addResourceBundle("en", "translation", { common: { status: { waiting: "resting" } } }, true, true);
  expect(t("common.status.waiting")).toBe("resting");
});

test("each count and each value has words of its own", async () => {
  await speak("en");
  expect(t("canvas.node.problems", { count: 1 })).not.toBe(t("canvas.node.problems", { count: 2 }));
  expect(t("common.time.ms", { count: 3 })).toContain("3");
});
