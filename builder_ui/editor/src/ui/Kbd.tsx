import { isMac } from "./platform";
import style from "./parts.module.css";

const MAC: Record<string, string> = { Ctrl: "⌘", Mod: "⌘", Alt: "⌥", Shift: "⇧", Delete: "⌫", Enter: "↩" };

const SIGNS: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };

/** How a key is written on this machine's keyboard. */
const keyName = (key: string): string => SIGNS[key] ?? (isMac() ? (MAC[key] ?? key) : key === "Mod" ? "Ctrl" : key);

/** Keys as keyboards print them, such as `Mod+Shift+Z`. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className={style.keys}>
      {keys.split(/\+(?=.)/).map((key) => (
        <kbd key={key} className={style.key}>
          {keyName(key.length === 1 ? key.toUpperCase() : key)}
        </kbd>
      ))}
    </span>
  );
}
