import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type FocusEvent } from "react";
import { stateNow } from "@/commands";
import { boxesInHand } from "@/commands/editing";
import { outgoingPorts } from "@/document/catalogue";
import { groupOfEach, groupsOf } from "@/document/groups";
import { outlined } from "@/document/outline";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { overlay } from "@/store/overlay";
import { useRunLately } from "@/store/lately";
import { useView } from "@/store/view";
import { OutlineRowView } from "./OutlineRowView";
import { OutlineTools } from "./OutlineTools";
import style from "./Outline.module.css";
import { activeOf, choose, isChosen } from "./selecting";
import { pressed } from "./pressed";

/** A finger needs more room than a pointer; the styles say the same. */
const ROW = window.matchMedia("(pointer: coarse)").matches ? 44 : 32;

/** The flow as a tree: its nodes as they run, what they hold, their arrows and free ports. All that the canvas can do begins here too. */
export function Outline() {
  const text = useText();
  const document = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const selection = useEditor((state) => state.selection);
  const problems = useEditor((state) => state.problems);
  const flow = useEditor((state) => state.flow?.id);
  const run = useRunLately((state) => state.view);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<string | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const isHeld = useRef(false);

  const rows = useMemo(() => outlined(document, (node) => outgoingPorts(node, catalogue.get(node.type)), closed), [document, catalogue, closed]);
  const states = useMemo(() => (run !== null && run.flow === flow ? overlay(document, run) : null), [document, run, flow]);
  const counts = useMemo(() => {
    const found = new Map<string, number>();
    for (const { node } of problems) if (node !== null) found.set(node, (found.get(node) ?? 0) + 1);
    return found;
  }, [problems]);
  // Folding makes a container smaller: it may come to lie on a note by it.
  const folded = useView((state) => state.folded);
  const groups = useMemo(() => {
    const state = stateNow();
    return groupsOf(document, boxesInHand({ ...state, view: { ...state.view, folded } }));
  }, [document, folded]);
  const within = useMemo(() => groupOfEach(groups), [groups]);
  const active = activeOf(rows, selection, last);
  const activeKey = rows[active]?.key ?? null;

  // Nothing here is compiled to be memoized, which is all the rule is about.
  // eslint-disable-next-line react-hooks/incompatible-library
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    // The row that has the focus is always drawn, or the focus would be lost when it is scrolled away.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), ...(active >= 0 ? [active] : [])])].sort((a, b) => a - b),
  });

  const focusActive = (): void => box.current?.querySelector<HTMLElement>("[role=treeitem][tabindex='0']")?.focus({ preventScroll: true });
  /** A name was kept or forgotten by key: the row is gone back to. A mouse that went elsewhere stays there. */
  const isNamed = useRef(false);
  useEffect(() => {
    if (renaming !== null || !isNamed.current) return;
    isNamed.current = false;
    focusActive();
  }, [renaming]);
  const drawn = list.getVirtualItems();
  const isDrawn = drawn.length > 0;
  const hasBegun = useRef(false);
  // Whoever opens the tree means to go through it.
  useEffect(() => {
    if (!isDrawn || hasBegun.current) return;
    hasBegun.current = true;
    focusActive();
  }, [isDrawn]);
  // The focus follows what is chosen, and comes back when the row that had it is gone.
  useEffect(() => {
    if (active < 0) return;
    const isLost = isHeld.current && window.document.activeElement === window.document.body;
    const isHere = box.current?.contains(window.document.activeElement) ?? false;
    if (!isHere && !isLost) return;
    list.scrollToIndex(active);
    if (renaming === null) focusActive();
    // Only another row is scrolled to, not the same one drawn again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [activeKey, renaming, rows.length]);

  const go = (index: number, extend = false): void => {
    const row = rows[index];
    if (row === undefined) return;
    setLast(row.key);
    choose(row, extend);
  };
  const fold = (key: string, isOpen: boolean): void => {
    const next = new Set(closed);
    if (isOpen) next.delete(key);
    else next.add(key);
    setClosed(next);
  };

  return (
    <section className={style.outline} aria-label={text("outline.title")} data-testid="outline" data-region="outline">
      <h2 className={style.title}>
        {text("outline.title")}
        <ActionIcon size={26} aria-label={text("outline.close")} title={text("outline.close")} onClick={() => useView.getState().setOutline(false)}>
          <IconX size={15} stroke={1.7} />
        </ActionIcon>
      </h2>
      <OutlineTools />
      <div
        ref={box}
        className={style.tree}
        role="tree"
        aria-label={text("outline.title")}
        aria-multiselectable
        onFocus={() => (isHeld.current = true)}
        onBlur={(event: FocusEvent) => {
          // A row that is taken away takes the focus with it, and a dialog gives it back to a row that may be gone: then it is ours to give.
          const to = event.relatedTarget;
          isHeld.current = !event.target.isConnected || (to !== null && (event.currentTarget.contains(to) || to.closest("[role=dialog]") !== null));
        }}
        onKeyDown={(event) => renaming === null && pressed(event, { rows, active, go, fold, rename: setRenaming })}
      >
        {rows.length === 0 && <p className={style.none}>{text("outline.empty")}</p>}
        <div role="presentation" style={{ height: list.getTotalSize(), position: "relative" }}>
          {drawn.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <OutlineRowView
                key={row.key}
                row={row}
                top={item.start}
                isActive={item.index === active}
                isChosen={isChosen(row, selection, item.index === active)}
                overlay={row.kind === "node" ? states?.nodes.get(row.node) : undefined}
                edgeState={row.kind === "edge" ? states?.edges.get(row.key.slice("edge ".length)) : undefined}
                holds={row.kind === "note" ? (groups.get(row.node) ?? []) : []}
                group={row.kind === "node" ? (within.get(row.node) ?? null) : null}
                problems={row.kind === "node" ? (counts.get(row.node) ?? 0) : 0}
                isRenaming={row.kind === "node" && renaming === row.node}
                onRenamed={(isByKey) => {
                  isNamed.current = isByKey;
                  setRenaming(null);
                }}
                onChoose={(extend) => go(item.index, extend)}
                onFold={() => fold(row.key, !row.isOpen)}
              />
            );
          })}
        </div>
      </div>
    </section>
  );
}
