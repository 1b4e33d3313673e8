import { lazy, Suspense, useRef } from "react";
import type { CodeProps } from "./CodeMirror";
import { PlainCode } from "./PlainCode";

const CodeMirror = lazy(() => import("./CodeMirror"));

/** A code field. The editor behind it is fetched when the first one is shown; until then one types in a plain one. */
export function CodeEditor(props: CodeProps) {
  const own = useRef<number | null>(null);
  const held = props.held ?? own;
  return (
    <Suspense fallback={<PlainCode {...props} held={held} />}>
      <CodeMirror {...props} held={held} />
    </Suspense>
  );
}
