import { keyNames } from "./platform";
import style from "./parts.module.css";

/** Keys as keyboards print them, such as `Mod+Shift+Z`. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className={style.keys}>
      {keyNames(keys).map((key) => (
        <kbd key={key} className={style.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
