import { IconHistory, IconKey, IconSitemap } from "@tabler/icons-react";
import { useDebouncedValue } from "@mantine/hooks";
import { useLocation } from "wouter";
import { useSearch, type Found, type FoundKind } from "@/api/search";
import type { RunStatus } from "@/api/types";
import { useText, type TextKey } from "@/i18n";
import { useEditor } from "@/store/editor";
import { NodeIcon } from "@/ui/NodeIcon";
import { StatusIcon } from "@/ui/StatusIcon";
import { instantText } from "@/ui/time";
import type { Entry } from "./ranked";

/** Milliseconds without a key after which the server is asked. */
const QUIET = 150;

const GROUPS: Record<FoundKind, TextKey> = {
  flow: "app.nav.flows",
  run: "app.nav.runs",
  node: "finding.nodes",
  credential: "app.nav.credentials",
  version: "finding.versions",
};

/** Where one goes to see it. */
const addressOf = ({ kind, id, flow }: Found): string =>
  ({
    flow: `/flows/${id}`,
    run: `/runs/${id}`,
    node: `/flows/${flow ?? ""}?node=${id}`,
    credential: "/credentials",
    version: `/flows/${flow ?? ""}?side=versions`,
  })[kind];

/** What the server finds for what is typed, as entries of the palette; those that stand there already are left out. */
export function useFound(typed: string, known: readonly Entry[]): { entries: Entry[]; isAsking: boolean; isRefused: boolean } {
  const text = useText();
  const [, go] = useLocation();
  const words = typed.trim();
  const [asked] = useDebouncedValue(words, QUIET);
  const answer = useSearch(asked);
  const open = useEditor((state) => state.flow?.id ?? null);
  const catalogue = useEditor((state) => state.catalogue);
  const ids = new Set(known.map(({ id }) => id));

  const iconOf = ({ kind, detail }: Found) => {
    if (kind === "run") return <StatusIcon status={detail as RunStatus} />;
    if (kind === "node") return <NodeIcon name={catalogue.get(detail)?.icon ?? "box"} size={16} />;
    return kind === "credential" ? <IconKey size={16} /> : kind === "version" ? <IconHistory size={16} /> : <IconSitemap size={16} />;
  };
  const detailOf = ({ kind, flow_name, detail, began }: Found): string | undefined => {
    if (kind === "node") return flow_name;
    if (kind === "run") return began === null ? undefined : instantText(began);
    if (kind === "version") return detail || undefined;
    return kind === "credential" ? detail : undefined;
  };
  const entries = (words === "" ? [] : (answer.data ?? [])).flatMap((found): Entry[] => {
    const { kind, flow, flow_name, name } = found;
    const id = kind === "node" || kind === "version" ? `${kind}:${flow ?? ""}:${found.id}` : `${kind}:${found.id}`;
    // The nodes of the flow that is open stand there as they are drawn.
    if (ids.has(id) || (kind === "node" && flow === open)) return [];
    const detail = detailOf(found);
    return [
      {
        id,
        group: text(GROUPS[kind]),
        name: kind === "version" ? `${flow_name} · ${name}` : name,
        icon: iconOf(found),
        ...(detail === undefined ? {} : { detail }),
        perform: () => go(addressOf(found)),
      },
    ];
  });
  const isAsking = words !== "" && (words !== asked || answer.isFetching);
  return { entries, isAsking, isRefused: words !== "" && answer.isError };
}
