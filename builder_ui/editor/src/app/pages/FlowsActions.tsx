/** What can be done with the flows that are chosen, all of them at once. */
import { Button, TagsInput, Text } from "@mantine/core";
import { IconArchive, IconFileExport, IconRestore, IconTag } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { flows } from "@/api/calls";
import { keys } from "@/api/queries";
import type { Flow } from "@/api/types";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { told } from "../told";
import { archiveFlow, exportFlows, restoreFlow, tagFlow } from "./flowActions";
import own from "./runs/runs.module.css";

interface Props {
  chosen: readonly Flow[];
  isArchived: boolean;
  onClear: () => void;
}

export function FlowsActions({ chosen, isArchived, onClear }: Props) {
  const text = useText();
  const [asking, ask] = useState<"archive" | "tags" | null>(null);
  const count = chosen.length;
  /** One after the other: what the server refuses is told, and those before it are done. */
  const each = (work: (flow: Flow) => Promise<unknown>, said?: string): void => {
    ask(null);
    void told(async () => {
      for (const flow of chosen) await work(flow);
      onClear();
    }, said);
  };
  return (
    <div className={own.actions} role="toolbar" aria-label={text("jobs.flows.bar")}>
      <span className={own.said}>
        <b>{text("jobs.flows.chosen", { count })}</b>
        <button type="button" className={own.link} onClick={onClear}>
          {text("jobs.clear")}
        </button>
      </span>
      <Button size="xs" leftSection={<IconFileExport size={14} />} onClick={() => void told(() => exportFlows(chosen.map((flow) => flow.id)))}>
        {text("common.action.export")}
      </Button>
      <Button size="xs" leftSection={<IconTag size={14} />} onClick={() => ask("tags")}>
        {text("jobs.flows.tag")}
      </Button>
      {isArchived ? (
        <Button size="xs" leftSection={<IconRestore size={14} />} onClick={() => each((flow) => restoreFlow(flow.id), text("jobs.flows.restored", { count }))}>
          {text("common.action.restore")}
        </Button>
      ) : (
        <Button size="xs" color="red" leftSection={<IconArchive size={14} />} onClick={() => ask("archive")}>
          {text("common.action.archive")}
        </Button>
      )}
      {asking === "tags" && <TagThem onClose={() => ask(null)} onTags={(tags) => each((flow) => tagFlow(flow, tags), text("jobs.flows.tagged", { count }))} />}
      <ConfirmDialog
        opened={asking === "archive"}
        danger
        title={text("jobs.flows.archiveTitle", { count })}
        confirm={text("common.action.archive")}
        onClose={() => ask(null)}
        onConfirm={() => each((flow) => archiveFlow(flow.id), text("jobs.flows.archived", { count }))}
      >
        <Text size="sm">{text("jobs.flows.archiveHelp")}</Text>
      </ConfirmDialog>
    </div>
  );
}

function TagThem({ onClose, onTags }: { onClose: () => void; onTags: (tags: string[]) => void }) {
  const text = useText();
  const [tags, setTags] = useState<string[]>([]);
  const known = useQuery({ queryKey: [...keys.flows, "tags"], queryFn: flows.tags }).data?.results ?? [];
  return (
    <ConfirmDialog opened title={text("jobs.flows.tag")} confirm={text("jobs.flows.tag")} disabled={tags.length === 0} onClose={onClose} onConfirm={() => onTags(tags)}>
      <TagsInput data-autofocus openOnFocus={false} size="sm" label={text("jobs.tags.label")} description={text("jobs.flows.tagHelp")} maxTags={10} value={tags} onChange={setTags} data={known.map((one) => one.tag)} />
    </ConfirmDialog>
  );
}
