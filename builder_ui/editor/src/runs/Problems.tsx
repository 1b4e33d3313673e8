import { Button } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconChevronRight, IconCircleCheck, IconWand } from "@tabler/icons-react";
import type { Problem } from "@/api/types";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { EmptyState } from "@/ui/EmptyState";
import { findingFixesOf } from "./findingFixes";
import style from "./Problems.module.css";
import { fixesOf, type Fix } from "./quickFixes";

/** Everything that keeps the draft from being published, then what a crash would do to it; a click goes to the place. */
export function Problems() {
  const text = useText();
  const problems = useEditor((state) => state.problems);
  const findings = useEditor((state) => state.findings);
  const document = useEditor((state) => state.document);
  if (problems.length + findings.length === 0) return <EmptyState compact icon={<IconCircleCheck size={20} />} title={text("runs.problems.none")} />;
  return (
    <div className={style.list}>
      {problems.length > 0 && (
        <ul>
          {problems.map((problem, at) => (
            <Item key={`${problem.code}/${problem.path}/${at}`} problem={problem} fixes={fixesOf(problem, document)} sign={<IconAlertCircle size={16} className={style.sign} aria-hidden />} />
          ))}
        </ul>
      )}
      {findings.length > 0 && (
        <section aria-label={text("findings.title")}>
          <h3 className={style.heading}>
            {text("findings.title")} <span>{text("findings.hint")}</span>
          </h3>
          <ul>
            {findings.map((finding, at) => (
              <Item
                key={`${finding.code}/${finding.path}/${at}`}
                problem={finding}
                fixes={findingFixesOf(finding, document)}
                sign={<IconAlertTriangle size={16} className={style.warning} aria-label={text("findings.warning")} />}
              />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Item({ problem, fixes, sign }: { problem: Problem; fixes: Fix[]; sign: React.ReactNode }) {
  const text = useText();
  const node = useEditor((state) => (problem.node === null ? undefined : nodeOf(state.document, problem.node)));
  const readOnly = useEditor((state) => state.readOnly);
  const mend = (fix: Fix): void => useEditor.getState().dispatch(fix.operations, fix.values === undefined ? { key: fix.label } : { key: fix.label, params: fix.values });
  return (
    <li className={style.item}>
      <button className={style.go} onClick={() => goTo(problem)} disabled={node === undefined}>
        {sign}
        <span className={style.words}>
          <span>
            {node !== undefined && <strong>{titleOf(node)}</strong>} {problem.message}
          </span>
          {problem.hint ? <em>{problem.hint}</em> : null}
        </span>
        {node !== undefined && <IconChevronRight size={15} className={style.arrow} aria-hidden />}
      </button>
      {!readOnly &&
        fixes.map((fix) => (
          <Button key={fix.label} size="compact-xs" leftSection={<IconWand size={13} />} onClick={() => mend(fix)}>
            {text(fix.label, fix.values)}
          </Button>
        ))}
    </li>
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
