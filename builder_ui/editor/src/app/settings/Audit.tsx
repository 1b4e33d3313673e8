import { useInfiniteQuery } from "@tanstack/react-query";
import { accountKeys, cursorOf, workspace, type AuditEntry } from "@/api/account";
import { useText } from "@/i18n";
import { DataTable, type Column } from "@/ui/DataTable";
import { brief } from "@/ui/JsonTree";
import { More } from "@/ui/More";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";

/** Who did what in this workspace. */
export function Audit() {
  const text = useText();
  const list = useInfiniteQuery({
    queryKey: accountKeys.audit,
    queryFn: ({ pageParam }) => workspace.audit(pageParam === "" ? undefined : pageParam),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
  });
  const columns: Column<AuditEntry>[] = [
    { key: "at", head: text("settings.audit.when"), width: "140px", cell: (each) => <RelativeTime at={each.at} /> },
    { key: "actor", head: text("settings.audit.who"), width: "150px", cell: (each) => each.actor },
    { key: "what", head: text("settings.audit.what"), cell: (each) => each.sentence },
    { key: "details", head: text("common.error.details"), wide: true, cell: (each) => (Object.keys(each.details).length > 0 ? <code>{brief(each.details)}</code> : "") },
  ];
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  if (isUnread(list, found.length === 0)) return <Unread what={text("settings.section.audit")} asked={list} />;
  if (list.isPending) return <Waiting />;
  return (
    <>
      <DataTable label={text("settings.section.audit")} rows={found} columns={columns} />
      <More list={list} />
    </>
  );
}
