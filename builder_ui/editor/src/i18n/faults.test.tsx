import { act, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import en from "./en/faults.json";
import { useFault } from "./faults";
import { speak } from "./index";
import ko from "./ko/faults.json";
import { inKorean } from "./korean";
import { recogniser } from "./recognised";

const english: Record<string, string> = { ...en.system, ...en.product };
const korean: Record<string, string> = { ...ko.system, ...ko.product };
const holes = (text: string) => [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map((one) => one[1] ?? ""))].sort();
const SAME = ["expression_failed"];

test("both languages have the same patterns with the same holes, and none is left in English", () => {
  expect(Object.keys(korean)).toEqual(Object.keys(english));
  for (const [key, text] of Object.entries(english)) {
    const other = korean[key] ?? "";
    const needed = holes(text);
    if (key !== "concat") expect(holes(other), key).toEqual(needed);
    if (!SAME.includes(key)) expect(/[가-힣]/.test(other), key).toBe(true);
  }
});

test("each sentence is taken for the pattern it was made after", () => {
  for (const [key, text] of Object.entries(english)) {
    if (SAME.includes(key)) continue;
    let count = 0;
    const filled = (template: string, values: Map<string, string>) => template.replace(/\{\{(\w+)\}\}/g, (_, hole: string) => values.get(hole) ?? "");
    const values = new Map(holes(text).map((hole) => [hole, `v${String((count += 1))}`]));
    expect(inKorean(filled(text, values)), key).toBe(filled(korean[key] ?? "", values));
  }
});

test("what stands in a hole is said in Korean too", () => {
  expect(inKorean("nodes.charge.body.id does not exist; the keys are status, body")).toBe("nodes.charge.body.id 값이 없습니다. 있는 키: status, body");
  expect(inKorean("Nothing was sent: All connection attempts failed")).toBe("아무것도 보내지 않았습니다: 연결에 모두 실패했습니다");
  expect(inKorean("8 // item: integer division or modulo by zero")).toBe("8 // item: 0으로 나눌 수 없습니다");
  expect(inKorean("it answered 503: try later")).toBe("응답: 503: try later");
});

test("a sentence is known without its full stop where it stands inside another, and who answered is said", () => {
  expect(inKorean("Version 8 of churn serves at live, but The registry answered 503: not now.")).toBe("churn 버전 8 모델이 live에서 서비스 중이지만 마무리하지 못했습니다: 레지스트리 응답 503: not now.");
  expect(inKorean("it was not healthy in time: Nodes may not reach 10.0.0.1: it is an address of a private network")).toBe("제시간에 정상이 되지 않았습니다: 노드는 10.0.0.1에 연결할 수 없습니다: 사설 네트워크의 주소입니다");
  expect(inKorean("GET http://one.example answered 404.")).toBe("GET http://one.example 응답: 404.");
  expect(inKorean("The resolved config does not fit: config: an environment is made of small letters, digits, _ and -")).toBe("계산된 설정이 맞지 않습니다: config: 환경 이름은 영문 소문자, 숫자, _, -로 이루어집니다");
});

test("a sentence of somebody else stays as it was written", () => {
  const said = "Your card was declined";
  expect(inKorean(said)).toBe(said);
  expect(inKorean("")).toBe("");
});

test("the pattern with most words of its own goes first, and signs stand for themselves", () => {
  const tell = recogniser({ any: "{{a}}: {{b}}", own: "url: {{b}} (.*)" }, { any: "{{b}} < {{a}}", own: "주소 {{b}}" });
  expect(tell("url: x (.*)")).toBe("주소 x");
  expect(tell("url: x")).toBe("x < url");
  expect(tell("two\nlines: of text")).toBe("of text < two\nlines");
});

function Said({ reason }: { reason: string }) {
  return <p>{useFault()(reason)}</p>;
}

test("a reason is shown in the language spoken, and follows it", async () => {
  await speak("en");
  render(<Said reason="The step took longer than its timeout" />);
  expect(screen.getByText("The step took longer than its timeout")).toBeTruthy();
  await act(() => speak("ko"));
  expect(await screen.findByText("단계가 제한 시간을 넘겼습니다")).toBeTruthy();
  await act(() => speak("en"));
  expect(screen.getByText("The step took longer than its timeout")).toBeTruthy();
});
