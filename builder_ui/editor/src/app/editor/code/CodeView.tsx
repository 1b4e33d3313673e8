/** The document as text, beside the canvas: written on either side, it is the same flow. */
import { ActionIcon, Button, SegmentedControl } from "@mantine/core";
import type { EditorView } from "@codemirror/view";
import { useLocalStorage } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { labelled } from "@/commands";
import { changesMuch, changesOf, type DocumentChange } from "@/document/code/changes";
import { taken } from "@/document/code/fitting";
import type { Format } from "@/document/code/source";
import { merged } from "@/document/merge";
import type { FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useSaving } from "@/store/saving";
import { useView } from "@/store/view";
import { CodeEditor } from "@/ui/CodeEditor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { withChord } from "@/ui/platform";
import { useNow } from "@/ui/useNow";
import { DiffList } from "@/versions/DiffList";
import style from "./CodeView.module.css";
import { formattingOf, type Formatting } from "./formats";
import { Desk, goTo, markFaults, marking } from "./marking";
import { readySource } from "./ready";
import { useTyped } from "./typed";
import { useJudged, type Away, type Verdict } from "./useJudged";
import { useShownPlace } from "./useShownPlace";

interface Ready {
  document: FlowDocument;
  changes: readonly DocumentChange[];
}

export function CodeView() {
  const text = useText();
  const flow = useEditor((state) => state.flow?.id ?? null);
  const document = useEditor((state) => state.document);
  const isViewer = useEditor((state) => state.readOnly);
  const isLookingBack = useView((state) => state.compared?.after != null);
  const readOnly = isViewer || isLookingBack;
  const typed = useTyped((state) => (state.flow === flow ? state.typed : null));
  const [wanted, want] = useLocalStorage<Format>({ key: "mulgil.code.format", defaultValue: "json", getInitialValueInEffect: false });
  const format = typed?.format ?? wanted;
  const formatting = useFormatting(format);
  const [desk] = useState(() => new Desk());
  const [view, stand] = useState<EditorView | null>(null);
  const [asked, ask] = useState<Ready | null>(null);
  useEffect(() => {
    if (flow !== null) useTyped.getState().open(flow);
  }, [flow]);

  const printed = useMemo(() => formatting?.print(document) ?? "", [formatting, document]);
  const value = typed?.text ?? printed;
  const read = useDeferredValue(value);
  const source = useMemo(() => (formatting === null ? null : formatting.read(read)), [formatting, read]);
  const verdict = useJudged(source, typed !== null);
  const { judged } = verdict;
  const isBroken = judged.some((each) => !each.isWarning);
  const onCursor = useShownPlace(view, source, typed?.base ?? document);
  useEffect(() => {
    if (view !== null && source !== null) markFaults(view, judged);
  }, [view, judged, source]);

  const change = (next: string): void => useTyped.getState().keep(next === printed && (typed === null || typed.base === document) ? null : { text: next, format, base: typed?.base ?? document });

  const take = useCallback(({ document: next }: Ready): void => {
    useEditor.getState().dispatch({ kind: "replace", document: next }, labelled("commands.edit.code"));
    useTyped.getState().keep(null);
    ask(null);
  }, []);

  const apply = useCallback((): void => {
    const { typed: now } = useTyped.getState();
    if (now === null || readOnly || formatting === null) return;
    const said = readySource(formatting, now.text);
    if (said === null) return;
    const standing = useEditor.getState().document;
    const mine = taken(now.base, said);
    // What changed on the canvas, or by others, since the text began stays.
    const met = now.base === standing ? { document: mine, conflicts: [] } : merged(now.base, mine, standing);
    if (met.conflicts.length > 0) useSaving.setState((state) => ({ conflicts: [...state.conflicts, ...met.conflicts] }));
    const changes = changesOf(standing, met.document);
    const ready = { document: met.document, changes };
    if (changesMuch(changes)) ask(ready);
    else take(ready);
  }, [readOnly, formatting, take]);
  useEffect(() => desk.hear({ onView: stand, onCursor, onApply: apply }), [desk, onCursor, apply]);

  const extensions = useMemo(() => (formatting === null ? [] : [formatting.language, marking(desk)]), [formatting, desk]);

  return (
    <section className={style.code} aria-label={text("code.title")} data-testid="code-view" data-region="code">
      <h2 className={style.title}>
        {text("code.title")}
        <SegmentedControl size="xs" aria-label={text("code.format")} value={format} disabled={typed !== null} onChange={want} data={FORMATS} />
        <ActionIcon size={26} aria-label={text("code.close")} title={text("code.close")} onClick={() => useView.getState().setCode(false)}>
          <IconX size={15} stroke={1.7} />
        </ActionIcon>
      </h2>
      {formatting !== null && (
        <div className={style.text}>
          <CodeEditor key={format} fill numbers language="text" label={text("code.label", { format: format.toUpperCase() })} value={value} onChange={change} readOnly={readOnly} invalid={isBroken} extensions={extensions} />
        </div>
      )}
      <Foot {...verdict} onShow={(at) => view !== null && goTo(view, at)} />
      {!readOnly && (
        <div className={style.actions}>
          <p className={style.state}>{text(typed === null ? "code.same" : format === "yaml" ? "code.typedYaml" : "code.typed")}</p>
          <Button disabled={typed === null} onClick={() => useTyped.getState().keep(null)}>
            {text("code.discard")}
          </Button>
          <Button variant="filled" disabled={typed === null || isBroken || read !== value} title={withChord(text("code.apply"), "Mod+Enter")} onClick={apply}>
            {text("code.apply")}
          </Button>
        </div>
      )}
      <ConfirmDialog opened={asked !== null} size="lg" title={text("code.diff.title")} confirm={text("code.diff.apply")} onClose={() => ask(null)} onConfirm={() => asked !== null && take(asked)}>
        <div className={style.diff}>{asked !== null && <DiffList changes={asked.changes} />}</div>
      </ConfirmDialog>
    </section>
  );
}

const FORMATS: { value: Format; label: string }[] = [
  { value: "json", label: "JSON" },
  { value: "yaml", label: "YAML" },
];

function useFormatting(format: Format): Formatting | null {
  const [formatting, set] = useState<Formatting | null>(null);
  useEffect(() => {
    let isWanted = true;
    void formattingOf(format).then((found) => isWanted && set(found));
    return () => {
      isWanted = false;
    };
  }, [format]);
  return formatting?.format === format ? formatting : null;
}

/** How many things are wrong, and the first of them: a click goes there. */
function Foot({ judged, isOpen, away, onShow }: Verdict & { onShow: (at: number) => void }) {
  const text = useText();
  const [first] = [...judged].sort((a, b) => a.from - b.from);
  return (
    <div className={style.foot} role="status">
      {first !== undefined ? (
        <button type="button" className={style.wrong} data-warning={first.isWarning || undefined} onClick={() => onShow(first.from)}>
          <span>{text("code.wrong", { count: judged.length })}</span>
          <span className={style.first}>{first.message}</span>
        </button>
      ) : away !== null ? (
        <Silence {...away} />
      ) : (
        <span className={style.fine}>{text(isOpen ? "code.looking" : "code.fine")}</span>
      )}
    </div>
  );
}

/** The server has not looked: when it is asked again, or why it would not. */
function Silence({ retryAt, refused }: Away) {
  const text = useText();
  const now = useNow(retryAt !== null);
  return (
    <span className={style.fine} data-testid="code-away">
      {refused ?? text("code.away")}
      {/* A count that runs is not read out second by second. */}
      {retryAt !== null && <span aria-hidden> {text("code.retryIn", { seconds: Math.max(1, Math.ceil((retryAt - now) / 1000)) })}</span>}
    </span>
  );
}
