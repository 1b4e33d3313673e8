import { useEffect } from "react";
import { t } from "@/i18n";
import { useSaving } from "@/store/saving";
import { tell } from "../told";

/** Says so when someone else saved the same fields meanwhile. */
export function useConflicts(): void {
  const conflicts = useSaving((state) => state.conflicts);
  useEffect(() => {
    if (conflicts.length === 0) return;
    tell(t("app.editor.conflicts", { fields: conflicts.slice(0, 5).join(", ") }));
    useSaving.getState().dismissConflicts();
  }, [conflicts]);
}
