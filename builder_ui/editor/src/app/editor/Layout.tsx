/** The regions around the canvas: palette, inspector, runs. What is open stands in the address. */
import { ActionIcon, Button } from "@mantine/core";
import { IconListTree, IconPlus } from "@tabler/icons-react";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from "react";
import { nodeOf } from "@/document/types";
import { useText, withWords } from "@/i18n";
import { commandById, perform, useKeysOf } from "@/commands";
import { Canvas } from "@/canvas/Canvas";
import { Inspector } from "@/inspector/Inspector";
import { InsertPalette } from "@/palette/InsertPalette";
import { PaletteDrawer } from "@/palette/PaletteDrawer";
import { RunsDrawer, type DrawerTab } from "@/runs/RunsDrawer";
import { useDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { useRun } from "@/store/run";
import { TIGHT, useView } from "@/store/view";
import { Opening } from "@/ui/Opening";
import { withChord } from "@/ui/platform";
import { ResizeHandle } from "@/ui/SplitPane";
import { useLasting } from "@/ui/useLasting";
import { isUntouched } from "../first/untouched";
import { useRunAhead } from "./ahead";
import { LiveRegion } from "./LiveRegion";
import style from "./Layout.module.css";
import { useMomentInAddress, type Place } from "./usePlace";
import { useWideNode } from "./useWideNode";

const Outline = lazy(() => withWords(import("@/outline/Outline")).then((part) => ({ default: part.Outline })));
const CodeView = lazy(() => withWords(import("./code/CodeView")).then((part) => ({ default: part.CodeView })));
const ExtractDialog = lazy(() => withWords(import("./extract/ExtractDialog")).then((part) => ({ default: part.ExtractDialog })));
const VersionsPanel = lazy(() => withWords(import("@/versions/VersionsPanel")).then((module) => ({ default: module.VersionsPanel })));
const PublishDialog = lazy(() => withWords(import("@/versions/PublishDialog")).then((module) => ({ default: module.PublishDialog })));

const StartGuide = lazy(() => withWords(import("../first/StartGuide")).then((module) => ({ default: module.StartGuide })));
const Tour = lazy(() => withWords(import("../first/Tour")).then((module) => ({ default: module.Tour })));
const RunStates = lazy(() => withWords(import("./RunStates")).then((module) => ({ default: module.RunStates })));
const PastMark = lazy(() => withWords(import("./PastMark")).then((module) => ({ default: module.PastMark })));

interface Props {
  flow: string;
  place: Place;
  onPlace: (change: Record<string, string | null>) => void;
  onRun: (run: string) => void;
  header: ReactNode;
  children?: ReactNode;
  onPublished?: (version: number) => void;
}

/** Where one watches, approves and reruns; a mouse has more to do, down to what a telephone shows. */
const TELEPHONE = "(max-width: 480px), (max-width: 760px) and (pointer: coarse)";
const NARROW = "(max-width: 760px)";
const useWindow = (query: string): boolean => useMediaQuery(query, window.matchMedia(query).matches, { getInitialValueInEffect: false });

export function Layout({ flow, place, onPlace, onRun, header, children, onPublished }: Props) {
  const text = useText();
  const isSmall = useWindow(TELEPHONE);
  // A desk of which little is seen, as at a zoom of 200 %: what stands at the left covers the canvas.
  const isNarrow = useWindow(NARROW) && !isSmall;
  const hasDrawer = useView((state) => state.drawer);
  const hasOutline = useView((state) => state.outline);
  const dialog = useView((state) => state.dialog);
  const isThree = useWideNode(place.side === "versions") !== null;
  // Three panes would leave the canvas a strip: where there is no room for both, what stands at the left gives way.
  const isTight = useWindow(`(max-width: ${TIGHT}px)`) && isThree;
  const hasCode = useView((state) => state.code) && !isSmall && !isTight;
  const isCutOff = useRun(({ runId, connection }) => runId !== null && (connection === "waiting" || connection === "refused"));
  const isQueued = useLasting(useRun(({ runId, live }) => runId !== null && live?.status === "queued"));
  const isDry = useDry((state) => state.played !== null);
  const isPast = useRun((state) => state.cursor !== null) || isDry;
  const readOnly = useEditor((state) => state.readOnly);
  const isNew = useEditor((state) => isUntouched(state.document));
  const isWatching = useRun((state) => state.runId !== null);
  const isToured = useView((state) => state.tour);
  const [unguided, setUnguided] = useState(false);
  const [width, setWidth] = useLocalStorage({ key: "mulgil.inspector", defaultValue: 348, getInitialValueInEffect: false });
  const [codeWidth, setCodeWidth] = useLocalStorage({ key: "mulgil.code", defaultValue: 440, getInitialValueInEffect: false });
  useEffect(() => {
    // The window became too narrow for both: what gives way is closed, so that its key opens it.
    if (isTight) useView.getState().setCode(false);
  }, [isTight]);
  useMomentInAddress(place.at, onPlace);
  useTrying();
  useRunAhead();
  useNodeInAddress(place.node, onPlace);
  useStepOfSelection(isSmall, (step) => onPlace({ step, drawer: null }));
  const over = isNarrow ? { "data-over": true, style: { right: `min(${width}px, 50%)` } } : undefined;
  const closeDialog = (): void => useView.getState().openDialog(null);
  const openTab = useCallback((tab: DrawerTab) => onPlace({ tab, drawer: null }), [onPlace]);
  const showProblems = (): void => {
    closeDialog();
    onPlace({ tab: "problems", drawer: null });
  };
  return (
    <div className={style.layout}>
      {header}
      <div className={style.middle}>
        {hasOutline && (
          <div className={style.outline} data-whole={isSmall || undefined} {...over}>
            <Suspense>
              <Outline />
            </Suspense>
          </div>
        )}
        {hasCode && (
          <div className={style.code} style={{ width: codeWidth }} data-beside={isThree || undefined} {...over}>
            <Suspense>
              <CodeView />
            </Suspense>
            {!isNarrow && <ResizeHandle edge="right" size={codeWidth} min={300} max={760} onResize={setCodeWidth} />}
          </div>
        )}
        {!isSmall && hasDrawer && !isTight && !readOnly && (
          <div className={style.palette} data-region="palette" {...over}>
            <PaletteDrawer />
          </div>
        )}
        <div className={style.canvas} data-past={isPast || undefined} data-region="canvas">
          <div className={style.add}>
            {!isSmall && (!hasDrawer || isTight) && !readOnly && (
              <Button data-tour="add" leftSection={<IconPlus size={15} />} onClick={() => openPalette(isTight)}>
                {text("app.editor.addNode")}
              </Button>
            )}
            {!hasOutline && <OutlineButton size={isSmall ? 40 : 30} />}
          </div>
          <Canvas />
          {isNew && !readOnly && !isWatching && !unguided && (
            <Suspense>
              <StartGuide onClose={() => setUnguided(true)} />
            </Suspense>
          )}
          {(isCutOff || isQueued) && (
            <Suspense>
              <RunStates />
            </Suspense>
          )}
          {isPast && (
            <Suspense>
              <PastMark withButton={!place.open} />
            </Suspense>
          )}
        </div>
        {!isSmall && (
          <aside className={style.side} style={isThree ? undefined : { width }} data-wide={isThree || undefined} aria-label={text(place.side === "versions" ? "app.editor.versions" : "inspector.title")}>
            {!isThree && <ResizeHandle edge="left" size={width} min={280} max={720} onResize={setWidth} label={text("inspector.resize")} />}
            {place.side === "versions" ? (
              <Suspense>
                <VersionsPanel flow={flow} onClose={() => onPlace({ side: null })} />
              </Suspense>
            ) : (
              <Inspector />
            )}
          </aside>
        )}
      </div>
      <RunsDrawer
        flow={flow}
        tab={place.tab}
        open={place.open}
        height={place.height}
        step={place.step}
        onTab={openTab}
        onOpen={(open) => onPlace(open ? { tab: place.tab, drawer: null } : { drawer: "0" })}
        onHeight={(height) => onPlace({ h: String(height) })}
        onStep={(step) => onPlace({ step })}
        onRun={onRun}
      />
      {children}
      {dialog === "publish" && (
        <Opening>
          <PublishDialog
            flow={flow}
            onClose={closeDialog}
            onProblems={showProblems}
            onPublished={(version) => {
              closeDialog();
              onPublished?.(version);
            }}
          />
        </Opening>
      )}
      {dialog === "extract" && (
        <Opening>
          <ExtractDialog onClose={closeDialog} />
        </Opening>
      )}
      {isToured && (
        <Suspense>
          <Tour />
        </Suspense>
      )}
      <InsertPalette />
      <LiveRegion />
    </div>
  );
}

/** The palette, and the inspector narrow where the two have no room beside each other. */
function openPalette(isTight: boolean): void {
  if (isTight) useView.getState().setWide(false);
  useView.getState().setDrawer(true);
}

function OutlineButton({ size }: { size: number }) {
  const command = commandById("outline");
  const label = useText()(command.label);
  return (
    <ActionIcon variant="default" size={size} aria-label={label} title={withChord(label, useKeysOf()(command)[0])} onClick={() => void perform(command)}>
      <IconListTree size={16} />
    </ActionIcon>
  );
}

/** A node that is to be worked on is selected once its flow stands here. */
function useTrying(): void {
  const node = useView((state) => state.trying?.node ?? null);
  const isThere = useEditor((state) => node !== null && nodeOf(state.document, node) !== undefined);
  useEffect(() => {
    if (node === null || !isThere) return;
    useEditor.getState().select({ nodes: [node] });
    useView.getState().canvas?.show(node);
  }, [node, isThere]);
}

/** A node that the address names is selected and seen, and the address lets go of it. */
function useNodeInAddress(node: string | null, onPlace: (change: Record<string, string | null>) => void): void {
  const hasCanvas = useView((state) => state.canvas !== null);
  useEffect(() => {
    if (node === null || !hasCanvas) return;
    // After the frame in which the canvas goes to where a flow is seen first.
    const frame = requestAnimationFrame(() => {
      if (nodeOf(useEditor.getState().document, node) !== undefined) {
        useEditor.getState().select({ nodes: [node] });
        useView.getState().canvas?.show(node);
      }
      onPlace({ node: null });
    });
    return () => cancelAnimationFrame(frame);
  }, [node, hasCanvas, onPlace]);
}

/** On a small screen there is no inspector: a node that is touched shows its step in the drawer. */
function useStepOfSelection(isSmall: boolean, onStep: (step: string) => void): void {
  const node = useEditor((state) => (state.selection.nodes.length === 1 ? (state.selection.nodes[0] ?? null) : null));
  useEffect(() => {
    if (isSmall && node !== null && useRun.getState().view?.steps.has(node)) onStep(node);
    // Only a new selection shows a step; the address changing does not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isSmall, node]);
}
