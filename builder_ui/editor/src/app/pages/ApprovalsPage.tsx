import { SegmentedControl } from "@mantine/core";
import { IconUserCheck } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useApprovals } from "@/api/approvals";
import { useText } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import { isUnread, Unread } from "@/ui/Unread";
import style from "../app.module.css";
import { Waiting } from "../Pages";
import { ApprovalCard, headOf } from "./ApprovalCard";
import cards from "./approvals.module.css";

/** What one is asked by runs: open ones first, and what became of the others. */
export default function ApprovalsPage() {
  const text = useText();
  const [closed, setClosed] = useState(false);
  const list = useApprovals(closed);
  const found = list.data?.results ?? [];
  const title = useRef<HTMLHeadingElement>(null);
  // What had the focus goes with the decision: it is the next question's turn, or the page's where none is left.
  const goOn = (at: number): void => {
    const next = found[at + 1] ?? found[at - 1];
    const head = next === undefined ? title.current : document.getElementById(headOf(next));
    head?.focus();
  };
  return (
    <div className={style.page}>
      <header className={style.pageHead}>
        <h1 ref={title} tabIndex={-1}>{text("approvals.page.title")}</h1>
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
          {found.map((approval, at) => (
            <li key={approval.id}>
              <ApprovalCard approval={approval} onDecided={() => goOn(at)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
