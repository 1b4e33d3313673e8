import { Button } from "@mantine/core";
import { IconPin, IconPinnedOff, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import type { DocumentNode, Json } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { CodeEditor } from "@/ui/CodeEditor";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorCard } from "@/ui/ErrorCard";
import { JsonView } from "@/ui/JsonView";
import { StatusText } from "@/ui/StatusIcon";
import { Duration } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import { setPin } from "./edits";
import style from "./Inspector.module.css";
import { useShownDetail } from "./useShownStep";

/** What the node gave in the run that is shown, and the sample pinned to it. */
export function NodeOutput({ node }: { node: DocumentNode }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const pin = useEditor((state) => state.document.pins?.[node.id]);
  const { step, detail, isPending, asked } = useShownDetail(node.id);
  const hasOutput = step?.status === "succeeded" && detail !== null;
  return (
    <div className={style.stack}>
      {pin !== undefined && <Pinned node={node} pin={pin} readOnly={readOnly} />}
      {step === null ? (
        pin === undefined && (
          <EmptyState compact icon={<IconPlayerPlay size={18} />} title={text("inspector.output.none")}>
            {text("inspector.output.noneHelp")}
          </EmptyState>
        )
      ) : (
        <>
          <div className={style.statusLine}>
            <StatusText status={step.status} />
            {step.startedAt !== null && <Duration from={step.startedAt} to={step.finishedAt} />}
            {step.key !== node.id && <code>{step.key}</code>}
          </div>
          {step.error !== null && <ErrorCard error={step.error} />}
          {isUnread(asked) ? <Unread what={text("inspector.output.title")} asked={asked} /> : isPending && <p className={style.about}>{text("common.loading")}</p>}
          {hasOutput && (
            <JsonView
              value={detail.output}
              title={text("inspector.output.title")}
              actions={
                !readOnly && (
                  <Button size="compact-xs" variant="subtle" leftSection={<IconPin size={13} />} onClick={() => setPin(node, detail.output)}>
                    {text("inspector.output.pin")}
                  </Button>
                )
              }
            />
          )}
          {step.status === "skipped" && <p className={style.about}>{text("inspector.output.skipped")}</p>}
        </>
      )}
      {pin === undefined && !readOnly && step === null && (
        <Button size="xs" leftSection={<IconPin size={14} />} onClick={() => setPin(node, {})}>
          {text("inspector.output.pinOwn")}
        </Button>
      )}
    </div>
  );
}

function Pinned({ node, pin, readOnly }: { node: DocumentNode; pin: Json; readOnly: boolean }) {
  const text = useText();
  const said = JSON.stringify(pin, null, 2);
  const [draft, setDraft] = useState<{ text: string; of: string } | null>(null);
  const shown = draft?.of === said ? draft.text : said;
  const change = (next: string): void => {
    try {
      const value = JSON.parse(next) as Json;
      setDraft({ text: next, of: JSON.stringify(value, null, 2) });
      setPin(node, value);
    } catch {
      setDraft({ text: next, of: said });
    }
  };
  return (
    <div className={style.section}>
      <div className={style.pinned}>
        <IconPin size={14} aria-hidden />
        <span>{text("inspector.output.pinned")}</span>
        {!readOnly && (
          <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconPinnedOff size={13} />} onClick={() => setPin(node, undefined)}>
            {text("inspector.output.unpin")}
          </Button>
        )}
      </div>
      <CodeEditor value={shown} onChange={change} language="json" label={text("inspector.output.pinned")} readOnly={readOnly} minHeight={60} />
    </div>
  );
}
