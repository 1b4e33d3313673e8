import { IconRepeat } from "@tabler/icons-react";
import type { DocumentNode } from "@/document/types";
import { useText } from "@/i18n";
import { Attempts } from "@/ui/Attempts";
import { EmptyState } from "@/ui/EmptyState";
import { JsonView } from "@/ui/JsonView";
import { LogLines } from "@/ui/LogLines";
import { isUnread, Unread } from "@/ui/Unread";
import style from "./Inspector.module.css";
import { useShownDetail } from "./useShownStep";

/** How the step of this node went, try by try: with what it was given, and what it logged. */
export function NodeAttempts({ node }: { node: DocumentNode }) {
  const text = useText();
  const { step, detail, isPending, asked } = useShownDetail(node.id);
  if (step === null || step.status === "pending" || step.status === "skipped") {
    return (
      <EmptyState compact icon={<IconRepeat size={18} />} title={text("inspector.attempts.none")}>
        {text("inspector.output.noneHelp")}
      </EmptyState>
    );
  }
  if (isUnread(asked)) return <Unread what={text("inspector.tab.attempts")} asked={asked} />;
  if (isPending || detail === null) return <p className={style.about}>{text("common.loading")}</p>;
  return (
    <div className={style.stack}>
      <Attempts attempts={detail.attempts} />
      <JsonView value={detail.input} title={text("inspector.attempts.input")} />
      {detail.logs.length > 0 && (
        <div className={style.section}>
          <h3>{text("inspector.attempts.logs")}</h3>
          <LogLines lines={detail.logs} />
        </div>
      )}
    </div>
  );
}
