import { Button } from "@mantine/core";
import { IconBellCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { accountKeys, useMay, workspace, type Alert } from "@/api/account";
import { useText } from "@/i18n";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";
import { told } from "../told";

/** What a person should see: critical failures, undos that failed, guards that tripped. */
export function Alerts() {
  const text = useText();
  const client = useQueryClient();
  const maySee = useMay("runs:steer");
  const list = useQuery({ queryKey: accountKeys.alerts, queryFn: workspace.alerts });
  const seen = (alert: Alert): Promise<void> =>
    told(async () => {
      await workspace.seen(alert.id);
      await client.invalidateQueries({ queryKey: accountKeys.alerts });
    });
  const columns: Column<Alert>[] = [
    { key: "code", head: text("settings.alerts.code"), width: "180px", cell: (each) => <Tag hue="bad">{each.code}</Tag> },
    { key: "message", head: text("settings.alerts.message"), cell: (each) => (each.run === null ? each.message : <Link href={`/runs/${each.run}`}>{each.message}</Link>) },
    { key: "when", head: text("settings.alerts.when"), width: "140px", wide: true, cell: (each) => <RelativeTime at={each.created_at} /> },
    {
      key: "menu",
      head: "",
      width: "110px",
      align: "end",
      cell: (each) =>
        maySee && each.seen_at === null ? (
          <Button size="compact-xs" onClick={() => void seen(each)}>
            {text("settings.alerts.seen")}
          </Button>
        ) : null,
    },
  ];
  const rows = list.data?.results ?? [];
  if (isUnread(list, rows.length === 0)) return <Unread what={text("settings.section.alerts")} asked={list} />;
  if (list.isPending) return <Waiting />;
  if (rows.length === 0) {
    return (
      <EmptyState icon={<IconBellCheck size={22} />} title={text("settings.alerts.none")}>
        {text("settings.alerts.noneHelp")}
      </EmptyState>
    );
  }
  return <DataTable label={text("settings.section.alerts")} rows={rows} columns={columns} />;
}
