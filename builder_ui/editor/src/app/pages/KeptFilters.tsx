import { ActionIcon, Button, Checkbox, Menu, TextInput } from "@mantine/core";
import { IconBookmark, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/account";
import { filters, jobKeys, type Filtered, type KeptFilter } from "@/api/jobs";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { isUnread } from "@/ui/Unread";
import { told } from "../told";
import type { Filter } from "./useFilter";

/** Who keeps a filter for everybody. */
const SHARING = { runs: "runs:steer", flows: "flows:write" } as const;

/** Filters under a name: one's own and those shared in the workspace; taken up, kept, removed. */
export function KeptFilters({ of, filter }: { of: Filtered; filter: Filter }) {
  const text = useText();
  const client = useQueryClient();
  const mayShare = useMay(SHARING[of]);
  const mayRemoveAny = useMay("workspace:write");
  const asked = useQuery({ queryKey: jobKeys.filters(of), queryFn: () => filters.list(of) });
  const kept = asked.data?.results ?? [];
  const [naming, nameIt] = useState(false);
  const [name, setName] = useState("");
  const [shared, share] = useState(false);
  const settle = (): Promise<void> => client.invalidateQueries({ queryKey: jobKeys.filters(of) });
  const { said } = filter;
  const current = kept.find((each) => JSON.stringify(Object.entries(each.filter).sort()) === JSON.stringify(Object.entries(said).sort()));
  const keep = (): Promise<void> =>
    told(async () => {
      nameIt(false);
      await filters.keep(of, name.trim(), said, shared);
      await settle();
    }, text("jobs.kept.done", { name: name.trim() }));
  const drop = (each: KeptFilter): Promise<void> =>
    told(async () => {
      await filters.remove(of, each.id);
      await settle();
    }, text("jobs.kept.removed", { name: each.name }));
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button size="sm" leftSection={<IconBookmark size={15} />}>
            {current?.name ?? text("jobs.kept.title")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {kept.map((each) => (
            <Menu.Item key={each.id} leftSection={each.shared ? <IconUsers size={15} aria-label={text("jobs.kept.shared")} /> : <IconBookmark size={15} />} onClick={() => filter.replace(each.filter)}>
              {each.mine ? each.name : text("jobs.kept.of", { name: each.name, by: each.by })}
            </Menu.Item>
          ))}
          {asked.isSuccess && kept.length === 0 && <Menu.Label>{text("jobs.kept.none")}</Menu.Label>}
          {isUnread(asked) && (
            <>
              <Menu.Label>{text("common.error.unread", { what: text("jobs.kept.title") })}</Menu.Label>
              <Menu.Item closeMenuOnClick={false} onClick={() => void asked.refetch()}>
                {text("common.action.retry")}
              </Menu.Item>
            </>
          )}
          <Menu.Divider />
          <Menu.Item
            disabled={Object.keys(said).length === 0}
            onClick={() => {
              setName(current?.mine ? current.name : "");
              share(current?.mine === true && current.shared);
              nameIt(true);
            }}
          >
            {text("jobs.kept.keep")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {current !== undefined && (current.mine || mayRemoveAny) && (
        <ActionIcon aria-label={text("jobs.kept.remove", { name: current.name })} onClick={() => void drop(current)}>
          <IconTrash size={15} />
        </ActionIcon>
      )}
      <ConfirmDialog opened={naming} title={text("jobs.kept.keep")} confirm={text("common.action.save")} disabled={name.trim() === ""} onClose={() => nameIt(false)} onConfirm={() => void keep()}>
        <TextInput data-autofocus size="sm" label={text("jobs.kept.name")} maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        {mayShare && <Checkbox size="sm" label={text("jobs.kept.share")} checked={shared} onChange={(event) => share(event.currentTarget.checked)} />}
      </ConfirmDialog>
    </>
  );
}
