import { Button, NumberInput, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountKeys, useMay, useSession, workspace, type WorkspaceDetail } from "@/api/account";
import { useText } from "@/i18n";
import { Panel } from "@/ui/Panel";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";
import { told } from "../told";

const RULES = ["keep_versions", "keep_version_days"] as const;
type Rule = (typeof RULES)[number];

/** The workspace in use: its name, how long finished runs are kept, and which versions are. */
export function WorkspacePanel() {
  const text = useText();
  const client = useQueryClient();
  const { data: session } = useSession();
  const id = session?.workspace.id ?? "";
  const mayWrite = useMay("workspace:write");
  const here = useQuery({ queryKey: accountKeys.workspace(id), queryFn: () => workspace.read(id), enabled: id !== "" });
  const [name, setName] = useState<string | null>(null);
  const [days, setDays] = useState<number | null>(null);
  const [kept, setKept] = useState<Pick<WorkspaceDetail, Rule>>({});
  const save = (): Promise<void> =>
    told(async () => {
      await workspace.change(id, { ...(name !== null ? { name } : {}), ...(days !== null ? { retention_days: days } : {}), ...kept });
      setName(null);
      setDays(null);
      setKept({});
      await client.invalidateQueries();
    }, text("settings.saved"));
  if (isUnread(here)) return <Unread what={text("settings.section.workspace")} asked={here} />;
  if (here.data === undefined) return <Waiting />;
  return (
    <Panel title={text("settings.section.workspace")} note={here.data.slug}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="md" maw={480}>
          <TextInput size="sm" label={text("settings.workspace.name")} readOnly={!mayWrite} value={name ?? here.data.name} onChange={(event) => setName(event.currentTarget.value)} />
          <NumberInput
            size="sm"
            label={text("settings.workspace.retention")}
            description={text("settings.workspace.retentionHelp")}
            min={1}
            max={36_500}
            allowDecimal={false}
            readOnly={!mayWrite}
            value={days ?? here.data.retention_days}
            onChange={(next) => setDays(typeof next === "number" ? next : null)}
          />
          {RULES.map((rule) => (
            <NumberInput
              key={rule}
              size="sm"
              label={text(`pruning.workspace.${rule}`)}
              description={text(`pruning.workspace.${rule}_help`)}
              placeholder={text("pruning.all")}
              min={1}
              max={rule === "keep_versions" ? 100_000 : 36_500}
              allowDecimal={false}
              readOnly={!mayWrite}
              value={(rule in kept ? kept[rule] : here.data[rule]) ?? ""}
              onChange={(next) => setKept({ ...kept, [rule]: typeof next === "number" ? next : null })}
            />
          ))}
          {mayWrite && (
            <Button type="submit" size="sm" variant="filled" disabled={name === null && days === null && Object.keys(kept).length === 0} style={{ alignSelf: "flex-start" }}>
              {text("common.action.save")}
            </Button>
          )}
        </Stack>
      </form>
    </Panel>
  );
}
