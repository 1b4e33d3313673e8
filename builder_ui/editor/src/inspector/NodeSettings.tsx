import { Textarea } from "@mantine/core";
import { useCallback, useMemo } from "react";
import type { NodeType } from "@/api/types";
import type { DocumentNode, Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { BreakpointField } from "./BreakpointField";
import { endGesture, setNode } from "./edits";
import type { Path } from "./form/context";
import style from "./Inspector.module.css";
import { nodeSettings } from "./settings";
import { SettingsForm } from "./SettingsForm";

/** How a node behaves: errors, retries, time, joining, repetition; and the notes people leave on it. */
export function NodeSettings({ node, type }: { node: DocumentNode; type: NodeType | undefined }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const isTask = type?.role !== "trigger";
  const schema = useMemo(() => nodeSettings(text, isTask), [text, isTask]);
  const set = useCallback((path: Path, value: Json | undefined) => setNode(node, path, value), [node]);
  const { on_error, retry, timeout, each, join, effect, disabled } = node;
  const fields = { on_error, retry, timeout, each, join, effect, disabled };
  const value = Object.fromEntries(Object.entries(fields).filter(([, set]) => set !== undefined && set !== null)) as JsonObject;
  return (
    <div className={style.stack} onBlur={endGesture}>
      <SettingsForm id={`settings-${node.id}`} node={node.id} root={schema} value={value} set={set} />
      {isTask && node.type !== "flow.try" && <BreakpointField node={node.id} />}
      <Textarea
        label={text("inspector.setting.description")}
        placeholder={text("inspector.setting.descriptionHint")}
        autosize
        minRows={2}
        maxRows={10}
        readOnly={readOnly}
        value={node.description ?? ""}
        onChange={(event) => setNode(node, ["description"], event.currentTarget.value === "" ? undefined : event.currentTarget.value)}
      />
    </div>
  );
}
