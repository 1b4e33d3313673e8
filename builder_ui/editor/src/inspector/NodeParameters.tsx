import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import type { NodeType } from "@/api/types";
import type { DocumentNode, Json } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { useEditor } from "@/store/editor";
import { CredentialPicker } from "./CredentialPicker";
import { endGesture, setConfig } from "./edits";
import { useScope } from "./expression/scope";
import { ConfigForm } from "./form/ConfigForm";
import type { Path } from "./form/context";
import style from "./Inspector.module.css";
import { problemsOf } from "./problems";
import { CodeEditor } from "@/ui/CodeEditor";

const NodeHelp = lazy(() => withWords(import("./NodeHelp")).then((part) => ({ default: part.NodeHelp })));

/** The form of a node's config, drawn from its type's schema. */
export function NodeParameters({ node, type }: { node: DocumentNode; type: NodeType | undefined }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const problems = useEditor((state) => state.problems);
  const scope = useScope(node.id);
  const verbatim = useMemo(() => new Set(type?.verbatim ?? []), [type]);
  const set = useCallback((path: Path, value: Json | undefined) => setConfig(node, path, value), [node]);
  const problemsAt = useCallback((path: Path) => problemsOf(problems, node.id, ["config", ...path]), [problems, node.id]);
  const general = problems.filter((problem) => problem.node === node.id && problemsOf([problem], node.id, []).length + problemsOf([problem], node.id, ["config"]).length + problemsOf([problem], node.id, ["type"]).length > 0);
  const [isHelped, setHelped] = useState(false);
  const hasFields = Object.keys(type?.schema.properties ?? {}).length > 0;
  return (
    <div className={style.stack} onBlur={endGesture}>
      {type?.description ? <p className={style.about}>{type.description}</p> : null}
      {general.length > 0 && (
        <div className={style.problems} role="alert">
          {general.map((problem) => (
            <p key={problem.code + problem.message}>
              {problem.message} {problem.hint ? <em>{problem.hint}</em> : null}
            </p>
          ))}
        </div>
      )}
      {type === undefined && (
        <>
          <p className={style.about}>{text("inspector.unknownType", { type: node.type })}</p>
          <CodeEditor value={JSON.stringify(node.config ?? {}, null, 2)} language="json" label={text("inspector.tab.parameters")} readOnly />
        </>
      )}
      {type?.credential != null && <CredentialPicker node={node} kind={type.credential} problems={problemsOf(problems, node.id, ["credential"])} />}
      {type !== undefined && hasFields && (
        <ConfigForm id={`config-${node.id}`} value={node.config} root={type.schema} readOnly={readOnly} verbatim={verbatim} labels={type.labels} scope={scope} set={set} problemsAt={problemsAt} />
      )}
      {type !== undefined && !hasFields && type.credential == null && <p className={style.about}>{text("inspector.noParameters")}</p>}
      {type?.docs ? (
        <details className={style.docs} open={isHelped} onToggle={(event) => setHelped(event.currentTarget.open)}>
          <summary>{text("inspector.docs")}</summary>
          {isHelped && (
            <Suspense>
              <NodeHelp node={node} type={type} />
            </Suspense>
          )}
        </details>
      ) : null}
    </div>
  );
}
