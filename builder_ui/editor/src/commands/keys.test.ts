import { beforeEach, describe, expect, test } from "vitest";
import { useKeys, type OwnKeys } from "@/store/keys";
import { useView } from "@/store/view";
import { COMMANDS, commandById, keysOf, listen } from ".";
import { takenBy, unfit, withKeys } from "./keys";

const help = commandById("help");
const palette = commandById("palette");
const hand = commandById("hand");
const give = (id: string, ...chords: string[]): OwnKeys => withKeys(useKeys.getState().own, commandById(id), chords, COMMANDS);
const press = (init: KeyboardEventInit, target: EventTarget = document.body) => target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }));

beforeEach(() => {
  useKeys.setState({ own: {} });
  useView.setState({ help: false, commandPalette: false });
  document.body.innerHTML = "";
});

describe("keys of one's own", () => {
  test("a command has the keys it comes with until it is given others", () => {
    expect(keysOf(help)).toEqual(["?"]);
    useKeys.setState({ own: give("help", "F9") });
    expect(keysOf(help)).toEqual(["F9"]);
  });

  test("the keyboard follows at once, and the keys from before do nothing", () => {
    const end = listen();
    useKeys.setState({ own: give("help", "F9") });
    press({ key: "?", code: "Slash", shiftKey: true });
    expect(useView.getState().help).toBe(false);
    press({ key: "F9", code: "F9" });
    expect(useView.getState().help).toBe(true);
    end();
  });

  test("keys that are taken over leave the command that had them", () => {
    expect(takenBy("H", help, COMMANDS)).toEqual([hand]);
    useKeys.setState({ own: give("help", "H") });
    expect(keysOf(help)).toEqual(["H"]);
    expect(keysOf(hand)).toEqual([]);
    expect(takenBy("H", help, COMMANDS)).toEqual([]);
  });

  test("only those keys are taken, not the others of the same command", () => {
    useKeys.setState({ own: give("help", "=") });
    expect(keysOf(commandById("zoom-in"))).toEqual(["+"]);
  });

  test("what is as it came is not kept", () => {
    useKeys.setState({ own: give("help", "H") });
    useKeys.setState({ own: give("help", "?") });
    expect(useKeys.getState().own).toEqual({ hand: [] });
    expect(give("hand", "H")).toEqual({});
  });

  test("commands that came with the same keys leave them to each other", () => {
    useKeys.setState({ own: give("select-none", "F8") });
    expect(give("select-none", "Escape")).toEqual({});
  });

  test("no command may have Tab, what browsers keep, or the keys of the clipboard", () => {
    for (const chord of ["Tab", "Shift+Tab", "Mod+Tab"]) expect(unfit(chord, COMMANDS)).toBe("tab");
    expect(unfit("Mod+W", COMMANDS)).toBe("browser");
    expect(unfit("Mod+C", COMMANDS)).toBe("fixed");
    expect(unfit("Mod+Shift+L", COMMANDS)).toBeNull();
  });

  test("the clipboard's own keys stay, whatever a profile says", () => {
    useKeys.setState({ own: { copy: ["F7"] } });
    expect(keysOf(commandById("copy"))).toEqual(["Mod+C"]);
  });

  test("a letter given to the palette is still a letter in a text field", () => {
    const end = listen();
    useKeys.setState({ own: give("palette", "J") });
    const field = document.body.appendChild(document.createElement("input"));
    press({ key: "j", code: "KeyJ" }, field);
    expect(useView.getState().commandPalette).toBe(false);
    press({ key: "j", code: "KeyJ" });
    expect(useView.getState().commandPalette).toBe(true);
    end();
  });

  test("no two commands come with the same keys but where one alone may be given", () => {
    const shared = new Map<string, string[]>();
    for (const command of COMMANDS) for (const chord of command.keys) shared.set(chord, [...(shared.get(chord) ?? []), command.id]);
    const doubled = [...shared].filter(([, ids]) => ids.length > 1).map(([chord]) => chord);
    expect(doubled).toEqual(["Escape"]);
    expect(keysOf(palette)).toEqual(["Mod+K"]);
  });
});

describe("while a dialog is there, or on its way", () => {
  const modal = '<div role="dialog" aria-modal="true"></div>';
  const opening = "<i hidden data-opening></i>";

  test.each([modal, opening, '<div role="menu"></div>'])("the canvas hears no keys: %s", (stands) => {
    const end = listen();
    document.body.innerHTML = stands;
    press({ key: "?", code: "Slash", shiftKey: true });
    press({ key: "k", code: "KeyK", ctrlKey: true });
    expect(useView.getState()).toMatchObject({ help: false, commandPalette: false });
    document.body.innerHTML = "";
    press({ key: "?", code: "Slash", shiftKey: true });
    expect(useView.getState().help).toBe(true);
    end();
  });
});
