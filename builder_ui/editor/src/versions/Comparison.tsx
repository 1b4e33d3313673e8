import { ActionIcon, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { versions } from "@/api/calls";
import { keys } from "@/api/queries";
import type { Change } from "@/api/changes";
import type { Version } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useSaving } from "@/store/saving";
import { useView } from "@/store/view";
import { isUnread, Unread } from "@/ui/Unread";
import { DiffList } from "./DiffList";
import { marksOf } from "./marks";
import style from "./versions.module.css";

/** What is compared; `to` is null for the draft. */
export interface Pair {
  from: number;
  to: number | null;
}

interface Props {
  flow: string;
  pair: Pair;
  versions: readonly Version[];
  onPair: (pair: Pair) => void;
  onClose: () => void;
}

/** What changed between two versions, here in words and on the canvas as drawn. */
export function Comparison({ flow, pair, versions: all, onPair, onClose }: Props) {
  const text = useText();
  const revision = useSaving((state) => state.revision);
  const diff = useQuery({
    queryKey: [...keys.flow(flow), "diff", pair.from, pair.to ?? `draft ${revision}`],
    queryFn: () => versions.diff(flow, pair.from, pair.to ?? undefined),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  useOnCanvas(flow, pair, diff.isPlaceholderData ? undefined : diff.data?.changes);
  const names = all.filter((each) => !each.pruned_at).map((each) => ({ value: String(each.version), label: each.name === "" ? `v${each.version}` : `v${each.version} · ${each.name}` }));
  return (
    <section className={style.comparison}>
      <div className={style.line}>
        <Select aria-label={text("versions.diff.before")} data={names} value={String(pair.from)} allowDeselect={false} onChange={(next) => onPair({ ...pair, from: Number(next) })} />
        <span aria-hidden>→</span>
        <Select
          aria-label={text("versions.diff.after")}
          data={[{ value: "", label: text("versions.draft") }, ...names]}
          value={pair.to === null ? "" : String(pair.to)}
          allowDeselect={false}
          onChange={(next) => onPair({ ...pair, to: next === "" || next === null ? null : Number(next) })}
        />
        <ActionIcon onClick={onClose} aria-label={text("common.action.close")}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {diff.data && <DiffList changes={diff.data.changes} />}
      {isUnread(diff) && <Unread key={`${pair.from} ${pair.to}`} what={text("versions.diff.what")} asked={diff} />}
    </section>
  );
}

/** Draws what is compared on the canvas for as long as this stands. */
function useOnCanvas(flow: string, { from, to }: Pair, changes: readonly Change[] | undefined): void {
  const before = useVersionDocument(flow, from);
  const after = useVersionDocument(flow, to);
  useEffect(() => {
    if (before === undefined || changes === undefined || (to !== null && after === undefined)) return;
    useView.getState().compare({ before, after: after ?? null, difference: marksOf(changes) });
  }, [before, after, to, changes]);
  useEffect(() => () => useView.getState().compare(null), []);
}

/** What a version says; it never changes, so it is asked for once. */
function useVersionDocument(flow: string, version: number | null): FlowDocument | undefined {
  const found = useQuery({ queryKey: [...keys.flow(flow), "version", version], queryFn: () => versions.read(flow, version ?? 0), enabled: version !== null, staleTime: Infinity });
  return version === null ? undefined : found.data?.document;
}
