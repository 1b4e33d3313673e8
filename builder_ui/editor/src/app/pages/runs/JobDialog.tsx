import { Checkbox, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { jobKeys, jobs, type JobAction, type JobOrder } from "@/api/jobs";
import { spoken, useText } from "@/i18n";
import { VersionSelect } from "@/runs/VersionSelect";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { isUnread, Unread } from "@/ui/Unread";
import { tell, told } from "../../told";

/** Asks before many runs are touched: how many they are, counted by the server, and how it is to be done. */
export function JobDialog({ order: asked, flow, onClose, onMade }: { order: JobOrder; flow: string | null; onClose: () => void; onMade: () => void }) {
  const text = useText();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [compensate, setCompensate] = useState(false);
  const [from, setFrom] = useState<"failed" | "start">("failed");
  const [busy, setBusy] = useState(false);
  const [to, setTo] = useState<number | null>(null);
  const { action } = asked;
  const order: JobOrder = to === null ? asked : { ...asked, to };
  const isWhole = action !== "move" || to !== null;
  const counted = useQuery({ queryKey: ["jobs", "count", order], queryFn: () => jobs.count(order), gcTime: 0, staleTime: Infinity, retry: false, enabled: isWhole });
  const found = counted.data;
  const number = new Intl.NumberFormat(spoken());
  const isTooMany = found !== undefined && found.count > found.limit;
  const begin = (): Promise<void> =>
    told(async () => {
      if (found === undefined) return;
      setBusy(true);
      try {
        // What was counted is what is meant: a run made since then isn't.
        const bounded = order.filter === undefined ? {} : { filter: { ...order.filter, until: found.until } };
        const options = action === "retry" ? { from } : action === "cancel" ? { reason, compensate } : action === "pause" || action === "move" ? { reason } : {};
        const made = await jobs.make({ ...order, ...bounded, ...options });
        await client.invalidateQueries({ queryKey: jobKeys.list });
        tell(text("jobs.begun", { count: made.total }));
        onMade();
      } finally {
        setBusy(false);
      }
    });
  return (
    <ConfirmDialog
      opened
      danger={action === "cancel" || action === "delete"}
      busy={busy || (isWhole && counted.isPending && !isUnread(counted))}
      disabled={found === undefined || found.count === 0 || isTooMany}
      title={text(`jobs.title.${action}`)}
      confirm={text(`jobs.action.${action}`)}
      onClose={onClose}
      onConfirm={() => void begin()}
    >
      <Stack gap="sm">
        {action === "move" && (flow === null ? <Text size="sm">{text("moving.many.flow")}</Text> : <VersionSelect flow={flow} value={to} onChange={setTo} />)}
        <Text component="div" size="sm" aria-live="polite" data-testid="job-count">
          {!isWhole
            ? null
            : isUnread(counted)
            ? <Unread what={text("jobs.counted")} asked={counted} />
            : found === undefined
              ? text("jobs.counting")
              : isTooMany
                ? text("jobs.tooMany", { limit: number.format(found.limit) })
                : found.count === 0
                  ? text(`jobs.nothing.${action}`)
                  : text(`jobs.about.${action}`, { count: found.count, number: number.format(found.count) })}
        </Text>
        {action === "retry" && (
          <Radio.Group value={from} onChange={(next) => setFrom(next)} aria-label={text("jobs.from.label")}>
            <Stack gap={6}>
              <Radio size="sm" value="failed" label={text("jobs.from.failed")} />
              <Radio size="sm" value="start" label={text("jobs.from.start")} />
            </Stack>
          </Radio.Group>
        )}
        {(action === "cancel" || action === "pause" || action === "move") && <TextInput size="sm" label={text("jobs.reason")} maxLength={2000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />}
        {action === "cancel" && <Checkbox size="sm" label={text("jobs.compensate")} checked={compensate} onChange={(event) => setCompensate(event.currentTarget.checked)} />}
      </Stack>
    </ConfirmDialog>
  );
}

/** Which actions somebody may take, in the order of the bar. */
export const ACTIONS: readonly { action: JobAction; needs: string }[] = [
  { action: "retry", needs: "runs:start" },
  { action: "cancel", needs: "runs:steer" },
  { action: "pause", needs: "runs:steer" },
  { action: "resume", needs: "runs:steer" },
  { action: "move", needs: "runs:steer" },
  { action: "delete", needs: "workspace:write" },
];
