import { Button } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMay } from "@/api/account";
import { breakers, operationKeys, type Breaker } from "@/api/operations";
import { useText } from "@/i18n";
import { useFault } from "@/i18n/faults";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Tag } from "@/ui/Tag";
import { instantText } from "@/ui/time";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";
import { told } from "../told";

const HUES = { open: "bad", half_open: "wait", closed: "ok" } as const;

/** The targets that have failed, how each is treated now, and a way to try again at once. */
export function BreakersPanel() {
  const text = useText();
  const fault = useFault();
  const client = useQueryClient();
  const maySteer = useMay("runs:steer");
  const list = useQuery({ queryKey: operationKeys.breakers, queryFn: breakers.list, refetchInterval: 5_000 });
  const reset = (breaker: Breaker): Promise<void> =>
    told(async () => {
      await breakers.reset(breaker.id);
      await client.invalidateQueries({ queryKey: operationKeys.breakers });
    }, text("jobs.breakers.done"));
  const columns: Column<Breaker>[] = [
    { key: "state", head: text("jobs.breakers.state"), width: "130px", cell: (each) => <Tag hue={HUES[each.state]}>{text(`jobs.breakers.is.${each.state}`)}</Tag> },
    { key: "target", head: text("jobs.breakers.target"), cell: (each) => <code>{each.target.slice(each.target.indexOf(":") + 1)}</code> },
    { key: "error", head: text("jobs.breakers.error"), wide: true, cell: (each) => fault(each.last_error) || "–" },
    { key: "until", head: text("jobs.breakers.until"), width: "150px", wide: true, cell: (each) => (each.until === null ? "–" : instantText(each.until)) },
    {
      key: "menu",
      head: "",
      width: "150px",
      align: "end",
      cell: (each) =>
        maySteer && each.state !== "closed" ? (
          <Button size="compact-xs" onClick={() => void reset(each)}>
            {text("jobs.breakers.reset")}
          </Button>
        ) : null,
    },
  ];
  if (isUnread(list, list.data?.results.length === 0)) return <Unread what={text("jobs.breakers.title")} asked={list} />;
  if (list.isPending) return <Waiting />;
  const rows = list.data?.results ?? [];
  if (rows.length === 0) {
    return (
      <EmptyState icon={<IconPlugConnected size={22} />} title={text("jobs.breakers.none")}>
        {text("jobs.breakers.noneHelp")}
      </EmptyState>
    );
  }
  return <DataTable label={text("jobs.breakers.title")} rows={rows} columns={columns} muted={(each) => each.state === "closed"} />;
}
