import { Button, NumberInput, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { accountKeys, useMay, useSession, workspace } from "@/api/account";
import { useText } from "@/i18n";
import { Panel } from "@/ui/Panel";
import { told } from "../told";

/** The workspace in use: its name, and how long finished runs are kept. */
export function WorkspacePanel() {
  const text = useText();
  const client = useQueryClient();
  const { data: session } = useSession();
  const id = session?.workspace.id ?? "";
  const mayWrite = useMay("workspace:write");
  const here = useQuery({ queryKey: accountKeys.workspace(id), queryFn: () => workspace.read(id), enabled: id !== "" });
  const [name, setName] = useState<string | null>(null);
  const [days, setDays] = useState<number | null>(null);
  const save = (): Promise<void> =>
    told(async () => {
      await workspace.change(id, { ...(name !== null ? { name } : {}), ...(days !== null ? { retention_days: days } : {}) });
      setName(null);
      setDays(null);
      await client.invalidateQueries();
    }, text("settings.saved"));
  return (
    <Panel title={text("settings.section.workspace")} note={here.data?.slug}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="md" maw={480}>
          <TextInput size="sm" label={text("settings.workspace.name")} readOnly={!mayWrite} value={name ?? here.data?.name ?? ""} onChange={(event) => setName(event.currentTarget.value)} />
          <NumberInput
            size="sm"
            label={text("settings.workspace.retention")}
            description={text("settings.workspace.retentionHelp")}
            min={1}
            max={36_500}
            allowDecimal={false}
            readOnly={!mayWrite}
            value={days ?? here.data?.retention_days ?? ""}
            onChange={(next) => setDays(typeof next === "number" ? next : null)}
          />
          {mayWrite && (
            <Button type="submit" size="sm" variant="filled" disabled={name === null && days === null} style={{ alignSelf: "flex-start" }}>
              {text("common.action.save")}
            </Button>
          )}
        </Stack>
      </form>
    </Panel>
  );
}
