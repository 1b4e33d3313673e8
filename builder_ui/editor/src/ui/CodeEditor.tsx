import { lazy, Suspense } from "react";
import type { CodeProps } from "./CodeMirror";
import style from "./CodeEditor.module.css";

const CodeMirror = lazy(() => import("./CodeMirror"));

/** A code field. The editor behind it is fetched when the first one is shown; until then the text stands as it is. */
export function CodeEditor(props: CodeProps) {
  return (
    <Suspense fallback={<pre className={style.still}>{props.value || props.placeholder}</pre>}>
      <CodeMirror {...props} />
    </Suspense>
  );
}
