/** What a text with expressions gives now: told here where it can be, and else asked of the server a moment after the last key. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { previewOf, type ExpressionPreview } from "@/api/previews";
import { nodeMentions, piecesOf } from "@/document/expressions";
import { preview, type Preview, type Roots } from "./evaluate";
import { useSamples } from "./scope";

export interface Wrong {
  kind: "wrong";
  message: string;
  hint: string;
  /** The text that was judged, and the characters in it that are wrong. */
  text: string;
  from: number;
  to: number;
}
export type Gives = Preview | Wrong | { kind: "begin" } | { kind: "large" } | { kind: "asking" };

const QUIET = 350;
/** More than so many characters of values are not sent to see a value. */
const MOST = 200_000;

export function useGives(text: string): { gives: Gives; hasRun: boolean } {
  const pieces = piecesOf(text).filter((piece) => piece.kind === "expression");
  const ids = [...new Set(pieces.flatMap((piece) => nodeMentions(piece.text).map((mention) => mention.id)))];
  const samples = useSamples(ids);
  const { run } = samples;
  const roots: Roots = {
    input: samples.input,
    nodes: samples.nodes,
    vars: samples.vars,
    item: undefined,
    index: undefined,
    now: undefined,
    flow: undefined,
    run: run ? { id: run.id, number: run.number ?? null, attempt: run.attempt ?? 1, started_at: run.started_at } : undefined,
  };
  const isBegun = pieces.every((piece) => piece.text.trim() === "") && !isOpen(text);
  const here: Preview = isBegun ? { kind: "unknown" } : isOpen(text) ? { kind: "server" } : preview(text, roots);
  const asked = here.kind === "server" ? JSON.stringify({ text, values: knownOf(roots) }) : "";
  const [settled] = useDebouncedValue(asked, QUIET);
  const answer = useQuery({
    queryKey: ["expression", settled],
    queryFn: () => {
      const { text: of, values } = JSON.parse(settled) as { text: string; values: Record<string, unknown> };
      return previewOf(of, values);
    },
    enabled: settled !== "" && settled.length <= MOST,
    retry: false,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const hasRun = run !== null;
  if (isBegun) return { gives: { kind: "begin" }, hasRun };
  if (here.kind !== "server") return { gives: here, hasRun };
  if (asked !== settled || answer.isLoading) return { gives: { kind: "asking" }, hasRun };
  return { gives: answer.data === undefined ? here : told(text, answer.data), hasRun };
}

/** Braces that open and never close are no expression yet, and wrong all the same. */
function isOpen(text: string): boolean {
  const last = piecesOf(text).at(-1);
  return last?.kind === "text" && last.text.includes("{{");
}

/** What is known: the server takes what is left out for unknown. */
function knownOf(roots: Roots): Record<string, unknown> {
  return Object.fromEntries(Object.entries(roots).filter(([, value]) => value !== undefined));
}

function told(text: string, { value, large, unknown, error }: ExpressionPreview): Gives {
  if (error !== null) return { kind: "wrong", message: error.message, hint: error.hint, text, from: error.start, to: error.end };
  if (unknown.length > 0) return { kind: "unknown" };
  return large ? { kind: "large" } : { kind: "value", value: value ?? null };
}
