import { ActionIcon, Menu, Text, TextInput } from "@mantine/core";
import { IconArchive, IconCopy, IconDots, IconFileExport, IconPencil, IconRestore, IconTag, IconToggleLeft, IconToggleRight } from "@tabler/icons-react";
import { lazy, useState } from "react";
import { useLocation } from "wouter";
import type { Flow } from "@/api/types";
import { useText, withWords } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Opening } from "@/ui/Opening";
import { stillHere } from "../stillHere";
import { told } from "../told";
import { archiveFlow, duplicateFlow, exportFlows, renameFlow, restoreFlow, switchTriggers } from "./flowActions";

const TagsDialog = lazy(() => withWords(import("./FlowTags")).then((part) => ({ default: part.TagsDialog })));

/** What else can be done with a flow. */
export function FlowMenu({ flow }: { flow: Flow }) {
  const text = useText();
  const [, go] = useLocation();
  const [asking, ask] = useState<"rename" | "archive" | "tags" | null>(null);
  const [name, setName] = useState(flow.name);
  const done = (): void => ask(null);
  const isArchived = Boolean(flow.archived_at);
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon aria-label={text("pages.flows.actions", { name: flow.name })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPencil size={15} />}
            onClick={() => {
              setName(flow.name);
              ask("rename");
            }}
          >
            {text("common.action.rename")}
          </Menu.Item>
          <Menu.Item leftSection={<IconTag size={15} />} onClick={() => ask("tags")}>
            {text("pages.flows.tags")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopy size={15} />}
            onClick={() =>
              void told(async () => {
                const isHere = stillHere();
                const made = await duplicateFlow(flow.id);
                if (isHere()) go(`/flows/${made.id}`);
              })
            }
          >
            {text("common.action.duplicate")}
          </Menu.Item>
          <Menu.Item leftSection={<IconFileExport size={15} />} onClick={() => void told(() => exportFlows([flow.id]))}>
            {text("common.action.export")}
          </Menu.Item>
          {flow.live_version !== null && !isArchived && (
            <Menu.Item
              leftSection={flow.active ? <IconToggleLeft size={15} /> : <IconToggleRight size={15} />}
              onClick={() => void told(() => switchTriggers(flow.id, !flow.active))}
            >
              {text(flow.active ? "pages.flows.triggersOff" : "pages.flows.triggersOn")}
            </Menu.Item>
          )}
          <Menu.Divider />
          {isArchived ? (
            <Menu.Item leftSection={<IconRestore size={15} />} onClick={() => void told(() => restoreFlow(flow.id), text("pages.flows.restored", { name: flow.name }))}>
              {text("common.action.restore")}
            </Menu.Item>
          ) : (
            <Menu.Item color="red" leftSection={<IconArchive size={15} />} onClick={() => ask("archive")}>
              {text("common.action.archive")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {asking === "tags" && (
        <Opening>
          <TagsDialog flow={flow} onClose={done} />
        </Opening>
      )}
      <ConfirmDialog
        opened={asking === "rename"}
        title={text("pages.flows.rename")}
        confirm={text("common.action.rename")}
        disabled={name.trim() === ""}
        onClose={done}
        onConfirm={() => {
          done();
          void told(() => renameFlow(flow.id, name.trim()));
        }}
      >
        <TextInput data-autofocus label={text("pages.flows.name")} size="sm" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === "archive"}
        danger
        title={text("pages.flows.archiveTitle", { name: flow.name })}
        confirm={text("common.action.archive")}
        onClose={done}
        onConfirm={() => {
          done();
          void told(() => archiveFlow(flow.id), text("pages.flows.archivedNow", { name: flow.name }));
        }}
      >
        <Text size="sm">{text("pages.flows.archiveHelp")}</Text>
      </ConfirmDialog>
    </>
  );
}
