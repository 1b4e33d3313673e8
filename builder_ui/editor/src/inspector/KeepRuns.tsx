import { Button, NumberInput, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/account";
import { ApiError, get, put } from "@/api/client";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { isUnread, Unread } from "@/ui/Unread";

export interface Keeping {
  days: number | null;
  failed_days: number | null;
  payload_days: number | null;
  workspace_days: number;
  keeps: number;
  keeps_failed: number;
  keeps_payloads: number | null;
}

type Field = "days" | "failed_days" | "payload_days";

/** How long runs of the flow are kept. It belongs to the flow, not to its document: no version and no publishing changes it. */
export function KeepRuns({ flow }: { flow: string }) {
  const text = useText();
  const client = useQueryClient();
  const mayWrite = useMay("workspace:write");
  const path = `/api/flows/${flow}/retention/`;
  const queryKey = ["flows", flow, "retention"];
  const asked = useQuery({ queryKey, queryFn: () => get<Keeping>(path) });
  const kept = asked.data;
  const [typed, type] = useState<Partial<Record<Field, number | null>>>({});
  if (isUnread(asked)) return <Unread what={text("jobs.keep.title")} asked={asked} />;
  if (kept === undefined) return null;
  const said = { days: kept.days, failed_days: kept.failed_days, payload_days: kept.payload_days, ...typed };
  const save = async (): Promise<void> => {
    try {
      client.setQueryData(queryKey, await put<Keeping>(path, said));
      type({});
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
    }
  };
  const field = (name: Field, otherwise: string) => (
    <NumberInput
      label={text(`jobs.keep.${name}`)}
      placeholder={otherwise}
      min={1}
      max={36_500}
      allowDecimal={false}
      readOnly={!mayWrite}
      value={said[name] ?? ""}
      onChange={(next) => type({ ...typed, [name]: typeof next === "number" ? next : null })}
    />
  );
  const days = (count: number): string => text("jobs.keep.otherwise", { count });
  return (
    <Stack gap="xs" component="section" aria-label={text("jobs.keep.title")} data-testid="keep-runs">
      <Text size="sm" fw={550}>
        {text("jobs.keep.title")}
      </Text>
      {field("days", days(kept.workspace_days))}
      {field("failed_days", days(said.days ?? kept.workspace_days))}
      {field("payload_days", kept.payload_days === null && kept.keeps_payloads !== null ? days(kept.keeps_payloads) : text("jobs.keep.withRun"))}
      <Text size="xs" c="dimmed">
        {text(mayWrite ? "jobs.keep.help" : "jobs.keep.notYours")}
      </Text>
      {mayWrite && (
        <Button size="xs" style={{ alignSelf: "flex-start" }} disabled={Object.keys(typed).length === 0} onClick={() => void save()}>
          {text("common.action.save")}
        </Button>
      )}
    </Stack>
  );
}
