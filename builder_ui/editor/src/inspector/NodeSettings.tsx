import { Textarea } from "@mantine/core";
import { useCallback, useMemo } from "react";
import type { NodeType } from "@/api/types";
import type { DocumentNode, Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { BreakpointField } from "./BreakpointField";
import { endGesture, setNode } from "./edits";
import { useScope } from "./expression/scope";
import { ConfigForm } from "./form/ConfigForm";
import type { Path } from "./form/context";
import style from "./Inspector.module.css";
import { problemsOf } from "./problems";
import { nodeSettings, settingLabels } from "./settings";

const NONE: ReadonlySet<string> = new Set();

/** How a node behaves: errors, retries, time, joining, repetition; and the notes people leave on it. */
export function NodeSettings({ node, type }: { node: DocumentNode; type: NodeType | undefined }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const problems = useEditor((state) => state.problems);
  const scope = useScope(node.id);
  const isTask = type?.role !== "trigger";
  const schema = useMemo(() => nodeSettings(text, isTask), [text, isTask]);
  const set = useCallback((path: Path, value: Json | undefined) => setNode(node, path, value), [node]);
  const problemsAt = useCallback((path: Path) => problemsOf(problems, node.id, path), [problems, node.id]);
  const { on_error, retry, timeout, each, join, effect, disabled } = node;
  const fields = { on_error, retry, timeout, each, join, effect, disabled };
  const value = Object.fromEntries(Object.entries(fields).filter(([, set]) => set !== undefined && set !== null)) as JsonObject;
  return (
    <div className={style.stack} onBlur={endGesture}>
      <ConfigForm id={`settings-${node.id}`} value={value} root={schema} readOnly={readOnly} verbatim={NONE} labels={settingLabels(text)} scope={scope} set={set} problemsAt={problemsAt} />
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
