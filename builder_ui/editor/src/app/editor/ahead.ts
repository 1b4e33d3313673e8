/** What a run would fetch, and do for the first time, as it begins: done before, while nothing else is. */
import { useEffect } from "react";
import { withWords } from "@/i18n";
import { prepareTimes } from "@/ui/time";
import { whenIdle } from "@/ui/whenIdle";

const loadRun = () => withWords(Promise.all([import("./Beside"), import("@/runs/TimeBar"), import("@/runs/Timeline")]));

export function useRunAhead(): void {
  useEffect(() => whenIdle(() => void loadRun().then(prepareTimes)), []);
}
