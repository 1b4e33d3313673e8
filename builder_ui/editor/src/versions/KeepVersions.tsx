/** Which versions of the flow are kept: by the workspace's policy, by one of its own, or all of them. */
import { Button, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/account";
import { ApiError, get, put } from "@/api/client";
import { keys } from "@/api/queries";
import { useText, type Translate } from "@/i18n";
import { useView } from "@/store/view";
import { isUnread, Unread } from "@/ui/Unread";

const WAYS = ["workspace", "all", "own"] as const;

export interface Policy {
  last: number | null;
  days: number | null;
}

export interface VersionKeeping {
  by: (typeof WAYS)[number];
  own: Policy;
  workspace: Policy;
  holds: Policy;
  would_go: number[];
}

type Typed = { by: VersionKeeping["by"] } & Policy;

export function KeepVersions({ flow }: { flow: string }) {
  const text = useText();
  const client = useQueryClient();
  const mayWrite = useMay("workspace:write");
  const path = `/api/flows/${flow}/version-keeping/`;
  const queryKey = [...keys.flow(flow), "version-keeping"];
  const asked = useQuery({ queryKey, queryFn: () => get<VersionKeeping>(path) });
  const kept = asked.data;
  const [typed, type] = useState<Typed | null>(null);
  if (isUnread(asked)) return <Unread what={text("pruning.title")} asked={asked} />;
  if (kept === undefined) return null;
  const said = typed ?? { by: kept.by, ...kept.own };
  const save = async (): Promise<void> => {
    const policy = said.by === "own" ? { last: said.last, days: said.days } : { last: null, days: null };
    try {
      client.setQueryData(queryKey, await put<VersionKeeping>(path, { by: said.by, ...policy }));
      type(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
    }
  };
  const field = (name: keyof Policy, most: number) => (
    <NumberInput
      label={text(`pruning.${name}`)}
      min={1}
      max={most}
      allowDecimal={false}
      readOnly={!mayWrite}
      value={said[name] ?? ""}
      onChange={(next) => type({ ...said, [name]: typeof next === "number" ? next : null })}
    />
  );
  const isEmpty = said.by === "own" && said.last === null && said.days === null;
  return (
    <Stack gap="xs" component="section" aria-label={text("pruning.title")} data-testid="keep-versions">
      <Text size="sm" fw={550}>
        {text("pruning.title")}
      </Text>
      <Select
        aria-label={text("pruning.by.label")}
        data={WAYS.map((way) => ({ value: way, label: text(`pruning.by.${way}`) }))}
        value={said.by}
        allowDeselect={false}
        readOnly={!mayWrite}
        onChange={(next) => type({ ...said, by: WAYS.find((way) => way === next) ?? "workspace" })}
      />
      {said.by === "own" && field("last", 100_000)}
      {said.by === "own" && field("days", 36_500)}
      {said.by === "workspace" && (
        <Text size="xs" c="dimmed">
          {policyText(text, kept.workspace)}
        </Text>
      )}
      {kept.would_go.length > 0 && typed === null && (
        <Text size="xs">{text("pruning.wouldGo", { count: kept.would_go.length, numbers: kept.would_go.map((number) => `v${number}`).join(", ") })}</Text>
      )}
      <Text size="xs" c="dimmed">
        {text(mayWrite ? "pruning.help" : "pruning.notYours")}
      </Text>
      {mayWrite && (
        <Button size="xs" style={{ alignSelf: "flex-start" }} disabled={typed === null || isEmpty} onClick={() => void save()}>
          {text("common.action.save")}
        </Button>
      )}
    </Stack>
  );
}

function policyText(text: Translate, { last, days }: Policy): string {
  if (last !== null && days !== null) return text("pruning.holds.both", { last, days });
  if (last !== null) return text("pruning.holds.last", { count: last });
  return days === null ? text("pruning.holds.all") : text("pruning.holds.days", { count: days });
}
