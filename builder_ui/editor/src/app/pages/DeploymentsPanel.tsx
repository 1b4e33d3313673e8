import { Button } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { cursorOf } from "@/api/account";
import { deploymentKeys, deployments, type Deployment } from "@/api/deployments";
import { useText } from "@/i18n";
import { useFault } from "@/i18n/faults";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { More } from "@/ui/More";
import type { Hue } from "@/ui/status";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { Waiting } from "../Pages";

/** A reason is kept to follow a colon; here it begins a line. What is said in Korean may begin with a name, and stays. */
const asSentence = (reason: string): string => (/^[a-z]+ /.test(reason) && !/\p{Script=Hangul}/u.test(reason) ? reason.charAt(0).toUpperCase() + reason.slice(1) : reason);

const FAINT = { color: "var(--ink-2)" };
const HUES: Record<Deployment["state"], Hue> = { under_way: "run", succeeded: "ok", failed: "bad", abandoned: "bad" };

/** Which version of which model was put into service where, how far it is, and why it is not. */
export function DeploymentsPanel() {
  const text = useText();
  const fault = useFault();
  const list = useInfiniteQuery({ queryKey: deploymentKeys.list, queryFn: ({ pageParam }) => deployments.list(pageParam || undefined), initialPageParam: "", getNextPageParam: (page) => cursorOf(page.next), refetchInterval: 5_000 });
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  const model = (one: Deployment) => (
    <>
      <strong style={{ fontWeight: 500 }}>{one.model}</strong> <Tag>{one.version}</Tag>
      {one.previous !== "" && <div style={FAINT}>{text("deployments.after", { version: one.previous })}</div>}
    </>
  );
  const state = (one: Deployment) => (
    <>
      <Tag hue={HUES[one.state]}>{text(`deployments.states.${one.state}`)}</Tag>
      {one.reason !== "" && <div style={FAINT}>{asSentence(fault(one.reason))}</div>}
      {one.state === "abandoned" && <div style={FAINT}>{text("deployments.mend")}</div>}
    </>
  );
  const columns: Column<Deployment>[] = [
    { key: "model", head: text("deployments.model"), width: "190px", cell: model },
    {
      key: "where",
      head: text("deployments.where"),
      width: "190px",
      cell: (one) => (
        <>
          <Tag>{one.environment}</Tag> <span title={one.target}>{one.endpoint}</span>
        </>
      ),
    },
    { key: "state", head: text("deployments.state"), cell: state },
    {
      key: "way",
      head: text("deployments.way"),
      width: "150px",
      wide: true,
      cell: (one) => `${text(`deployments.strategies.${one.strategy as "canary"}`)} · ${text("deployments.share", { share: one.share })}`,
    },
    { key: "run", head: text("deployments.run"), width: "80px", cell: (one) => <Link href={`/runs/${one.run}?tab=steps&step=${encodeURIComponent(one.step)}`}>{`#${one.number}`}</Link> },
    { key: "since", head: text("deployments.since"), width: "120px", wide: true, cell: (one) => <RelativeTime at={one.created_at} /> },
  ];
  if (isUnread(list, found.length === 0)) return <Unread what={text("deployments.title")} asked={list} />;
  if (list.isPending) return <Waiting />;
  if (found.length === 0) {
    return (
      <EmptyState
        icon={<IconStack2 size={22} />}
        title={text("deployments.none")}
        action={
          <Button component={Link} href="/samples" size="sm" variant="filled">
            {text("deployments.sample")}
          </Button>
        }
      >
        {text("deployments.noneHelp")}
      </EmptyState>
    );
  }
  return (
    <>
      <DataTable label={text("deployments.title")} rows={found} columns={columns} />
      <More list={list} />
    </>
  );
}
