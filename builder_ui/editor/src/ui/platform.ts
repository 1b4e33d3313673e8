/** Whether the person's keyboard has a Command key. */
export const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.userAgent);

const MAC: Record<string, string> = { Ctrl: "⌘", Mod: "⌘", Alt: "⌥", Shift: "⇧", Delete: "⌫", Enter: "↩" };

const SIGNS: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", " ": "␣" };

/** How a key is written on this machine's keyboard. */
const keyName = (key: string): string => SIGNS[key] ?? (isMac() ? (MAC[key] ?? key) : key === "Mod" ? "Ctrl" : key);

/** The keys of a chord such as `Mod+Shift+Z`, each as the keyboard prints it. */
export const keyNames = (chord: string): string[] => chord.split(/\+(?=.)/).map((key) => keyName(key.length === 1 ? key.toUpperCase() : key));

/** A label with the keys that do the same, as tooltips say it. */
export const withChord = (label: string, chord: string | undefined): string => (chord === undefined ? label : `${label} (${keyNames(chord).join("+")})`);
