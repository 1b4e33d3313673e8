import { useCallback } from "react";
import type { JsonSchema } from "@/api/types";
import type { Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useScope } from "./expression/scope";
import { ConfigForm } from "./form/ConfigForm";
import type { Path } from "./form/context";
import { problemsOf } from "./problems";
import { settingLabels } from "./settings";

const NONE: ReadonlySet<string> = new Set();
const NOWHERE: Path = [];

interface SettingsProps {
  id: string;
  /** Whose they are; null where they are the flow's. */
  node: string | null;
  /** Where they stand in the node, or in the document. */
  under?: Path;
  root: JsonSchema;
  value: JsonObject;
  set: (path: Path, value: Json | undefined) => void;
}

/** The settings of a node or of a flow, each with its problems. */
export function SettingsForm({ id, node, under = NOWHERE, root, value, set }: SettingsProps) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const problems = useEditor((state) => state.problems);
  const scope = useScope(node);
  const problemsAt = useCallback((path: Path) => problemsOf(problems, node, [...under, ...path]), [problems, node, under]);
  return <ConfigForm {...{ id, root, value, readOnly, scope, set, problemsAt }} verbatim={NONE} labels={settingLabels(text)} />;
}
