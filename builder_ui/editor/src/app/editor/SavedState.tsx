import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useSaving } from "@/store/saving";
import { relativeText } from "@/ui/time";
import { useNow } from "@/ui/useNow";
import style from "./Header.module.css";

/** Where the draft stands: `Saved · draft of v7 · 3 s ago`. */
export function SavedState({ live, archived }: { live: number | null; archived: boolean }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const { status, savedAt, error } = useSaving();
  const now = useNow(savedAt !== null);
  if (archived) return <span className={style.state}>{text("app.saved.archived")}</span>;
  if (readOnly) return <span className={style.state}>{text("app.saved.readOnly")}</span>;
  const of = live === null ? text("app.saved.neverPublished") : text("app.saved.draftOf", { version: live });
  const ago = status === "saved" && savedAt !== null ? relativeText(savedAt, Math.max(now, savedAt)) : "";
  const tone = status === "refused" ? "bad" : status === "offline" ? "wait" : undefined;
  return (
    <span className={style.state} data-tone={tone} title={error?.message} data-testid="saved">
      {[text(`app.saved.${status}`), of, ago].filter(Boolean).join(" · ")}
    </span>
  );
}
