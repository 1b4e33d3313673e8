/** Keys to commands. In a text field the keys belong to the text. */
import { useKeys } from "@/store/keys";
import { useView } from "@/store/view";
import { perform, type Command } from "./command";
import { isFixed, keysOf } from "./keys";

const TEXT_FIELDS = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]:not([contenteditable=false]), .cm-editor";

/** Whether keys and clipboard at this place belong to a text field. */
export const isTyping = (target: EventTarget | null): boolean => target instanceof Element && target.closest(TEXT_FIELDS) !== null;

const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.userAgent);

/** The chord of a key event as commands write it: `Mod+Shift+Z`, `ArrowLeft`, `?`. */
export function chordOf(event: KeyboardEvent): string {
  const isLetter = /^Key[A-Z]$/.test(event.code);
  // The place of the key, not its letter: on a Korean layout the Z key writes ㅋ.
  const key = isLetter ? event.code.slice(3) : /^Digit\d$/.test(event.code) && !event.shiftKey ? event.code.slice(5) : event.key;
  const isSign = key.length === 1 && !isLetter && !/\d/.test(key);
  const mod = isMac() ? event.metaKey : event.ctrlKey;
  return [mod ? "Mod" : "", event.altKey ? "Alt" : "", event.shiftKey && !isSign ? "Shift" : "", key].filter(Boolean).join("+");
}

/** Keys that act on what has the focus: there they are never a command's. */
const OWN_KEYS: Record<string, string> = { Enter: "button, a, [role=menuitem], [role=option], [role=tab]", " ": "button, a, summary, [role=button]" };
const ARROW_OWNERS = "[role=menu], [role=listbox], [role=tablist], [role=slider], [role=separator], [role=radiogroup], [role=grid]";

function belongsToFocus(event: KeyboardEvent): boolean {
  if (!(event.target instanceof Element)) return false;
  const own = OWN_KEYS[event.key];
  if (own !== undefined && event.target.closest(own) !== null) return true;
  if (!event.key.startsWith("Arrow")) return false;
  // A tree is walked by the arrows alone; with Ctrl or Alt they are a command's there too.
  const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey;
  return event.target.closest(isPlain ? `${ARROW_OWNERS}, [role=tree]` : ARROW_OWNERS) !== null;
}

/** A dialog that stands, one that is still being loaded (`Opening`), or a menu: what is behind them hears no keys. */
const isModalOpen = (): boolean => document.querySelector("[role=dialog][aria-modal=true], [data-opening], [role=menu]") !== null;

/** Commands that are about the whole page and work in a text field too, where their keys write nothing. */
const EVERYWHERE = new Set(["palette", "run", "next-region", "previous-region"]);
const WRITES_NOTHING = /^(Mod|Alt)\+|^(Shift\+)?F\d/;

/** Keys for the command palette that come before its field has the focus: they are no commands. */
function goesToPalette(event: KeyboardEvent): boolean {
  const { commandPalette, sought, seek } = useView.getState();
  if (!commandPalette || isTyping(event.target)) return false;
  const isLetter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isLetter) seek(sought + event.key);
  return isLetter;
}

/** Fields that Escape leaves: those of the inspector, but for what opens a list, which it closes. */
const LEFT_BY_ESCAPE = "[data-region=inspector] :not([aria-haspopup])";

/** The first Escape leaves the field that is typed in, the next is a command's. */
function leavesField(event: KeyboardEvent): boolean {
  if (event.key !== "Escape" || !(event.target instanceof HTMLElement) || !event.target.matches(LEFT_BY_ESCAPE)) return false;
  event.target.blur();
  return true;
}

function chordsOf(commands: readonly Command[]): ReadonlyMap<string, readonly Command[]> {
  const byChord = new Map<string, Command[]>();
  for (const command of commands) {
    for (const chord of keysOf(command)) byChord.set(chord, [...(byChord.get(chord) ?? []), command]);
  }
  return byChord;
}

export function listenToKeys(commands: readonly Command[]): () => void {
  let byChord = chordsOf(commands);
  const end = useKeys.subscribe(() => (byChord = chordsOf(commands)));
  // A dialog may be gone by the time its key comes here: Escape closes only what lies on top.
  let wasModal = false;
  const look = (): void => void (wasModal = isModalOpen());
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (goesToPalette(event)) return event.preventDefault();
    if (wasModal || isModalOpen() || belongsToFocus(event)) return;
    const isText = isTyping(event.target);
    if (isText && leavesField(event)) return event.preventDefault();
    const chord = chordOf(event);
    for (const command of byChord.get(chord) ?? []) {
      if (isFixed(command) || (isText && !(EVERYWHERE.has(command.id) && WRITES_NOTHING.test(chord)))) continue;
      if (perform(command)) {
        event.preventDefault();
        return;
      }
    }
  };
  window.addEventListener("keydown", look, true);
  window.addEventListener("keydown", onKey);
  return () => {
    end();
    window.removeEventListener("keydown", look, true);
    window.removeEventListener("keydown", onKey);
  };
}
