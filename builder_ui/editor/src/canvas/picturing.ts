/** The canvas as a picture that can be kept: the scene as it is drawn now, told to the drawing in words, colours and paths. Loaded when it is asked for. */
import interLatin from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import monoLatin from "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url";
import type { NodeType, StepStatus } from "@/api/types";
import { effectOf } from "@/document/catalogue";
import { scaleOf, svgOf, extentOf, type Drawing, type DrawnArrow, type DrawnCard, type DrawnFrame, type Icon, type Look, type StatusMark } from "@/document/drawing/svg";
import type { Font, Measure } from "@/document/drawing/words";
import { COMPENSATE } from "@/document/graph";
import { summaryOf } from "@/document/summary";
import { portOf, titleOf, type DocumentNode } from "@/document/types";
import { t, type TextKey } from "@/i18n";
import { useEditor } from "@/store/editor";
import { fetchShapes, type Shape } from "@/ui/NodeIcon";
import { LOOKS, MARKS } from "@/ui/status";
import type * as Anatomy from "./anatomy";
import type { CardNode, DrawnEdge, DrawnNode, FrameNode, Scene } from "./drawn";
import type * as Path from "./path";
import type { useShown } from "./shown";

export interface Picture {
  svg: string;
  width: number;
  height: number;
  /** Pixels of a PNG for one of the picture. */
  scale: number;
}

type Colour = (name: string) => string;

const HUES = new Set(["trigger", "flow", "data", "net", "database", "people"]);
const COLOURS = ["bg", "panel", "line", "line-strong", "ink", "ink-2", "ink-3", "accent", "flow", "bad", "note-ink"] as const;

/** The tokens as they stand: of the theme that is shown. */
function colours(): Colour {
  const tokens = getComputedStyle(document.documentElement);
  return (name) => tokens.getPropertyValue(`--${name}`).trim();
}

async function fontData(address: string): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

const face = (family: string, data: string): string => `@font-face{font-family:"${family}";font-weight:100 900;src:url(data:font/woff2;base64,${data}) format("woff2")}`;

/** Our fonts come along for what is written in Latin letters; other scripts are drawn in the reader's own. */
async function lookOf(colour: Colour): Promise<Look> {
  const [inter, mono] = await Promise.all([fontData(interLatin), fontData(monoLatin)]);
  return {
    colours: Object.fromEntries(COLOURS.map((name) => [name, colour(name)])) as Look["colours"],
    text: colour("font-text").replace(/\s+/g, " "),
    mono: colour("font-mono").replace(/\s+/g, " "),
    faces: face("Inter Variable", inter) + face("JetBrains Mono Variable", mono),
  };
}

function measureIn(look: Look): Measure {
  const context = document.createElement("canvas").getContext("2d");
  const known = new Map<string, number>();
  return (text: string, font: Font) => {
    const said = `${font.slanted ? "italic " : ""}${font.weight} ${font.size}px ${font.mono ? look.mono : look.text}`;
    const key = `${said} ${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (context === null) return text.length * font.size * 0.6;
    if (context.font !== said) context.font = said;
    const { width } = context.measureText(text);
    known.set(key, width);
    return width;
  };
}

/** What is drawn, handed over by the canvas: what it shares with it is not loaded a second time, nor apart from it. */
export interface Drawn extends Pick<typeof Anatomy, "ENTRY" | "UNDO_ENTRY">, Pick<typeof Path, "pathOf" | "endsOf"> {
  scene: Scene;
  overlay: ReturnType<typeof useShown.getState>["overlay"];
}

interface Draft extends Drawn {
  colour: Colour;
  icon: (name: string) => Icon;
}

const iconsOf = (all: Record<string, Shape[]>) => (name: string): Icon => (all[name] ?? all["box"] ?? []).flatMap(([, { d }]) => (d === undefined ? [] : [d]));

function portsOf(node: DrawnNode, isNamed: boolean): DrawnCard["ports"] {
  return (node.handles ?? []).flatMap((handle) => {
    const isUsed = handle.id !== COMPENSATE || (node.type === "card" && node.data.ports.hasUndo);
    if (!isUsed) return [];
    const at = { x: node.position.x + handle.x + (handle.width ?? 0) / 2, y: node.position.y + handle.y + (handle.height ?? 0) / 2 };
    const isOut = handle.type === "source" && handle.id !== COMPENSATE;
    return [{ ...at, name: isNamed && isOut ? (handle.id ?? "") : "", isError: handle.id === "error" }];
  });
}

const named = (outgoing: readonly string[]): boolean => outgoing.length > 1 || (outgoing[0] ?? "out") !== "out";

const statusOf = (status: StepStatus | undefined, { colour }: Draft): StatusMark | null =>
  status === undefined ? null : { path: MARKS[LOOKS[status].shape], colour: colour(LOOKS[status].hue) };

function marksOf(node: DocumentNode, type: NodeType | undefined, { icon }: Draft): DrawnCard["marks"] {
  const marks: DrawnCard["marks"] = [];
  if (Object.hasOwn(useEditor.getState().document.pins ?? {}, node.id)) marks.push({ text: "", icon: icon("pin"), isStrong: true });
  if (node.each) marks.push({ text: "×n", icon: icon("repeat"), isStrong: false });
  const tries = node.retry ? (node.retry.max_attempts ?? 3) : 1;
  if (tries > 1) marks.push({ text: String(tries), icon: icon("refresh"), isStrong: false });
  if (node.join !== undefined && node.join !== "all") marks.push({ text: node.join === "any" ? t("canvas.node.join.any") : t("canvas.node.join.count", { count: node.join.count }), icon: null, isStrong: false });
  const effect = type?.role === "task" ? effectOf(node, type) : null;
  if (effect !== null) marks.push({ text: t(`canvas.effect.${effect}`), icon: null, isStrong: effect !== "pure" && effect !== "read" });
  return marks;
}

function cardOf(drawn: CardNode, draft: Draft): DrawnCard {
  const { node, ports } = drawn.data;
  const type = useEditor.getState().catalogue.get(node.type);
  const status = draft.overlay?.nodes.get(node.id)?.status;
  const summary = summaryOf(type?.summary ?? "", node.config);
  const hue = draft.colour(status === undefined || status === "succeeded" || status === "pending" ? "line" : LOOKS[status].hue);
  const foot: TextKey | null = status !== undefined ? `common.status.${status}` : node.disabled ? "canvas.node.disabled" : ports.isUndo ? "canvas.node.undoOnly" : null;
  return {
    ...drawn.position,
    width: drawn.width ?? 0,
    height: drawn.height ?? 0,
    title: titleOf(node),
    summary: type === undefined ? t("canvas.node.unknown", { type: node.type }) : summary === "" ? type.label : summary,
    isData: type !== undefined && summary !== "",
    foot: foot === null ? node.type : t(foot),
    icon: draft.icon(type?.icon ?? "help-hexagon"),
    hue: draft.colour(HUES.has(type?.category ?? "") ? (type?.category ?? "code") : "code"),
    border: hue,
    isDashed: node.disabled === true || status === "skipped" || status === "cancelled",
    isFaded: status === "skipped" || status === "cancelled",
    isOff: node.disabled === true,
    status: statusOf(status, draft),
    marks: marksOf(node, type, draft),
    ports: portsOf(drawn, named(ports.outgoing)),
  };
}

function frameOf(drawn: FrameNode, draft: Draft): DrawnFrame {
  const { node, inside, isFolded, outgoing } = drawn.data;
  const shown = draft.overlay?.nodes.get(node.id);
  const lock = node.type === "flow.lock" && typeof node.config?.name === "string" ? node.config.name : null;
  const together = node.config?.concurrency;
  const turns = `×${shown?.progress ? shown.progress.total : "n"}`;
  return {
    ...drawn.position,
    width: drawn.width ?? 0,
    height: drawn.height ?? 0,
    title: titleOf(node),
    tag: lock ?? (typeof together === "number" && together > 1 ? `${turns} · ${t("canvas.frame.pace", { count: together })}` : turns),
    inside: isFolded ? t("canvas.frame.inside", { count: inside }) : "",
    isFolded,
    border: draft.colour("flow"),
    status: statusOf(shown?.status, draft),
    ports: portsOf(drawn, named(outgoing)),
  };
}

function arrowOf(drawn: DrawnEdge, nodes: ReadonlyMap<string, DrawnNode>, { colour, overlay, pathOf, endsOf, ENTRY, UNDO_ENTRY }: Draft): DrawnArrow[] {
  const [source, target] = [nodes.get(drawn.source), nodes.get(drawn.target)];
  if (drawn.data === undefined || source === undefined || target === undefined) return [];
  const port = portOf(drawn.data.edge);
  const isUndo = port === COMPENSATE;
  const ends = endsOf(source, port, target, isUndo ? UNDO_ENTRY : ENTRY);
  if (ends === null) return [];
  const { path } = pathOf(ends);
  const tip = isUndo ? null : { x: ends.targetX, y: ends.targetY };
  switch (overlay?.edges.get(drawn.id)) {
    case "taken":
      return [{ path, tip, colour: colour("ok"), width: 2, opacity: 1, dash: null }];
    case "flowing":
      return [{ path, tip, colour: colour("run"), width: 2.3, opacity: 1, dash: "7 6" }];
    case "dead":
      return [{ path, tip, colour: colour("skip"), width: 1.8, opacity: 0.55, dash: "4 5" }];
    case "idle":
      return [{ path, tip, colour: colour("ink-3"), width: 1.8, opacity: 0.45, dash: isUndo ? "2 4" : null }];
    case undefined:
      return [{ path, tip, colour: colour(port === "error" ? "bad" : "ink-3"), width: 1.8, opacity: 0.75, dash: isUndo ? "2 4" : null }];
  }
}

export async function picture(drawn: Drawn): Promise<Picture> {
  const { scene } = drawn;
  const colour = colours();
  const [look, shapes] = await Promise.all([lookOf(colour), fetchShapes()]);
  const draft: Draft = { ...drawn, colour, icon: iconsOf(shapes) };
  const nodes = new Map(scene.nodes.map((node) => [node.id, node]));
  const drawing: Drawing = {
    title: useEditor.getState().flow?.name ?? "",
    notes: scene.nodes.flatMap((node) =>
      node.type === "note" ? [{ ...node.position, width: node.width ?? 0, height: node.height ?? 0, text: node.data.note.text ?? "", colour: colour(`note-${node.data.note.color ?? "yellow"}`), isGroup: node.data.holds > 0 }] : [],
    ),
    frames: scene.nodes.flatMap((node) => (node.type === "frame" ? [frameOf(node, draft)] : [])),
    arrows: scene.edges.flatMap((edge) => arrowOf(edge, nodes, draft)),
    cards: scene.nodes.flatMap((node) => (node.type === "card" ? [cardOf(node, draft)] : [])),
  };
  const { width, height } = extentOf(drawing);
  return { svg: svgOf(drawing, look, measureIn(look)), width, height, scale: scaleOf({ width, height }) };
}
