import { TagsInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { flows } from "@/api/calls";
import { keys } from "@/api/queries";
import type { Flow } from "@/api/types";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { told } from "../told";
import own from "./runs/runs.module.css";

const tagKeys = [...keys.flows, "tags"] as const;

/** The tags of the flows in use, to show only the flows of one; nothing where no flow has any. */
export function TagFilter({ tag, onTag }: { tag: string; onTag: (tag: string) => void }) {
  const text = useText();
  const found = useQuery({ queryKey: tagKeys, queryFn: flows.tags }).data?.results ?? [];
  if (found.length === 0 && tag === "") return null;
  return (
    <div className={own.statuses} role="group" aria-label={text("jobs.tags.filter")}>
      {found.map((each) => (
        <button key={each.tag} type="button" className={own.status} aria-pressed={each.tag === tag} onClick={() => onTag(each.tag === tag ? "" : each.tag)}>
          {each.tag}
          <span className={own.count}>{each.flows}</span>
        </button>
      ))}
    </div>
  );
}

/** Gives a flow its tags; those that other flows have are offered. */
export function TagsDialog({ flow, onClose }: { flow: Flow; onClose: () => void }) {
  const text = useText();
  const client = useQueryClient();
  const [tags, setTags] = useState(flow.tags ?? []);
  const known = useQuery({ queryKey: tagKeys, queryFn: flows.tags }).data?.results ?? [];
  const save = (): Promise<void> =>
    told(async () => {
      await flows.change(flow.id, { tags });
      onClose();
      await client.invalidateQueries({ queryKey: keys.flows });
    });
  return (
    <ConfirmDialog opened title={text("jobs.tags.edit")} confirm={text("common.action.save")} onClose={onClose} onConfirm={() => void save()}>
      <TagsInput data-autofocus openOnFocus={false} size="sm" label={text("jobs.tags.label")} description={text("jobs.tags.help")} maxTags={10} value={tags} onChange={setTags} data={known.map((each) => each.tag)} />
    </ConfirmDialog>
  );
}
