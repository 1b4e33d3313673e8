import { Button } from "@mantine/core";
import { IconAlertCircle, IconChevronRight, IconCircleCheck, IconWand } from "@tabler/icons-react";
import type { Problem } from "@/api/types";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { EmptyState } from "@/ui/EmptyState";
import style from "./Problems.module.css";
import { fixesOf, type Fix } from "./quickFixes";

/** Everything that keeps the draft from being published; a click goes to the place. */
export function Problems() {
  const text = useText();
  const problems = useEditor((state) => state.problems);
  const document = useEditor((state) => state.document);
  const readOnly = useEditor((state) => state.readOnly);
  if (problems.length === 0) return <EmptyState compact icon={<IconCircleCheck size={20} />} title={text("runs.problems.none")} />;
  const mend = (fix: Fix): void => useEditor.getState().dispatch(fix.operations, { key: fix.label });
  return (
    <ul className={style.list}>
      {problems.map((problem, at) => {
        const node = problem.node === null ? undefined : nodeOf(document, problem.node);
        return (
          <li key={`${problem.code}/${problem.path}/${at}`} className={style.item}>
            <button className={style.go} onClick={() => goTo(problem)} disabled={node === undefined}>
              <IconAlertCircle size={16} className={style.sign} aria-hidden />
              <span className={style.words}>
                <span>
                  {node !== undefined && <strong>{titleOf(node)}</strong>} {problem.message}
                </span>
                {problem.hint ? <em>{problem.hint}</em> : null}
              </span>
              {node !== undefined && <IconChevronRight size={15} className={style.arrow} aria-hidden />}
            </button>
            {!readOnly &&
              fixesOf(problem, document).map((fix) => (
                <Button key={fix.label} size="compact-xs" leftSection={<IconWand size={13} />} onClick={() => mend(fix)}>
                  {text(fix.label)}
                </Button>
              ))}
          </li>
        );
      })}
    </ul>
  );
}

/** Select the node, bring it into the middle, and open the field. */
function goTo(problem: Problem): void {
  if (problem.node === null) return;
  useEditor.getState().select({ nodes: [problem.node] });
  useView.getState().canvas?.show(problem.node);
  const place = (problem.path ?? "").replace(/^\/nodes\/\d+/, "");
  useView.getState().focus({ node: problem.node, path: place });
}
