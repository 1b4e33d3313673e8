import { useText, type TextKey } from "@/i18n";
import { isUnread, Unread, type Asked } from "@/ui/Unread";
import style from "./app.module.css";
import { isRefusal } from "./told";

type Part = readonly [what: TextKey, asked: Asked];

/** The first part of a page without which it can't be shown: never read, or refused since. What was read stays while the server is away. */
export const missingOf = (...parts: Part[]): Part | null => parts.find(([, asked]) => isUnread(asked) || (asked.isError && isRefusal(asked.error))) ?? null;

/** Stands in the place of the page. */
export function Missing({ part: [what, asked] }: { part: Part }) {
  const text = useText();
  return (
    <div className={style.fault}>
      <Unread key={what} what={text(what)} asked={asked} />
    </div>
  );
}
