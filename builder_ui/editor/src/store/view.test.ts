import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TIGHT, useView } from "./view";

const shown = () => {
  const { code, wide, drawer } = useView.getState();
  return { code, wide, drawer };
};

beforeEach(() => {
  localStorage.clear();
  useView.setState({ code: false, wide: false, drawer: true, outline: false });
});
afterEach(() => vi.unstubAllGlobals());

describe("the text and three panes beside each other", () => {
  it("have no room in a narrow window: what was asked for last stays", () => {
    vi.stubGlobal("innerWidth", TIGHT);
    useView.getState().setWide(true);
    useView.getState().setCode(true);
    expect(shown()).toEqual({ code: true, wide: false, drawer: false });
    useView.getState().setWide(true);
    expect(shown()).toEqual({ code: false, wide: true, drawer: false });
    useView.getState().setCode(true);
    useView.getState().setCode(false);
    expect(shown()).toEqual({ code: false, wide: false, drawer: false });
  });

  it("stand beside each other where there is room", () => {
    vi.stubGlobal("innerWidth", TIGHT + 1);
    useView.getState().setWide(true);
    useView.getState().setCode(true);
    expect(shown()).toEqual({ code: true, wide: true, drawer: false });
  });

  it("a wide inspector that gave way to the text is wide again in the next window", () => {
    vi.stubGlobal("innerWidth", TIGHT);
    useView.getState().setWide(true);
    useView.getState().setCode(true);
    expect(localStorage.getItem("mulgil.wide")).toBe("1");
  });
});
