import { SegmentedControl } from "@mantine/core";
import { IconUserCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useApprovals } from "@/api/approvals";
import { useText } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import { isUnread, Unread } from "@/ui/Unread";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { ApprovalCard } from "./ApprovalCard";
import cards from "./approvals.module.css";

/** What one is asked by runs: open ones first, and what became of the others. */
export default function ApprovalsPage() {
  const text = useText();
  const [closed, setClosed] = useState(false);
  const list = useApprovals(closed);
  const found = list.data?.results ?? [];
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <h1>{text("approvals.page.title")}</h1>
        <SegmentedControl
          aria-label={text("people.asked.page.which")}
          value={closed ? "closed" : "open"}
          onChange={(next) => setClosed(next === "closed")}
          data={[
            { value: "open", label: text("people.asked.page.open") },
            { value: "closed", label: text("people.asked.page.closed") },
          ]}
        />
      </header>
      {isUnread(list, found.length === 0) ? (
        <Unread what={text("approvals.page.title")} asked={list} />
      ) : list.isPending ? (
        <Waiting />
      ) : found.length === 0 ? (
        <EmptyState icon={<IconUserCheck size={28} stroke={1.5} />} title={text(closed ? "people.asked.page.noneClosed" : "people.asked.page.none")}>
          {text("people.asked.page.hint")}
        </EmptyState>
      ) : (
        <ul className={cards.list}>
          {found.map((approval) => (
            <li key={approval.id}>
              <ApprovalCard approval={approval} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
