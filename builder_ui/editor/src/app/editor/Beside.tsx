/** The runs of the same flow before and after the one that is shown, and the way to compare it with the one before. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowsDiff, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { past } from "@/api/past";
import { useText } from "@/i18n";
import style from "./Header.module.css";

export function Beside({ run, onRun }: { run: string; onRun: (run: string) => void }) {
  const text = useText();
  const [, go] = useLocation();
  // It stands among the lists of runs, so that a run that begins is the next one at once.
  const { data } = useQuery({ queryKey: ["runs", "beside", run], queryFn: () => past.neighbours(run) });
  const previous = data?.previous ?? null;
  const next = data?.next ?? null;
  const named = (label: string, number: number | undefined): string => (number === undefined ? label : `${label} (#${number})`);
  return (
    <span className={style.pair}>
      <Tooltip label={named(text("timetravel.previous"), previous?.number)}>
        <ActionIcon aria-label={text("timetravel.previous")} disabled={previous === null} onClick={() => previous !== null && onRun(previous.id)}>
          <IconChevronLeft size={17} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={named(text("timetravel.next"), next?.number)}>
        <ActionIcon aria-label={text("timetravel.next")} disabled={next === null} onClick={() => next !== null && onRun(next.id)}>
          <IconChevronRight size={17} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={named(text("timetravel.compare.withPrevious"), previous?.number)}>
        <ActionIcon aria-label={text("timetravel.compare.withPrevious")} disabled={previous === null} onClick={() => previous !== null && go(`/compare/${previous.id}/${run}`)}>
          <IconArrowsDiff size={16} />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
