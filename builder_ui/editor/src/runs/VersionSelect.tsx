import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import type { Page, Version } from "@/api/types";
import { useText } from "@/i18n";
import { isUnread, Unread } from "@/ui/Unread";

interface Props {
  flow: string;
  /** A version that isn't offered: the one that is left. */
  but?: number | null;
  value: number | null;
  onChange: (version: number) => void;
}

/** A version of a flow by its number, the newest first; those that were pruned aren't offered. */
export function VersionSelect({ flow, but = null, value, onChange }: Props) {
  const text = useText();
  const found = useQuery({ queryKey: ["flow", flow, "versions", "to move to"], queryFn: () => get<Page<Version>>(`/api/flows/${flow}/versions/?limit=200`) });
  const versions = (found.data?.results ?? []).filter(({ version, pruned_at }) => version !== but && pruned_at == null);
  if (isUnread(found)) return <Unread what={text("moving.versions")} asked={found} />;
  return (
    <Select
      data-autofocus
      size="sm"
      searchable
      openOnFocus={false}
      allowDeselect={false}
      label={text("moving.to")}
      placeholder={text("moving.choose")}
      nothingFoundMessage={found.isPending ? text("common.loading") : text("moving.noOther")}
      data={versions.map((each) => ({ value: String(each.version), label: titleOf(each) }))}
      value={value === null ? null : String(value)}
      onChange={(next) => {
        if (next !== null) onChange(Number(next));
      }}
    />
  );
}

const titleOf = ({ version, name, note }: Version): string => [`v${version}`, name, note].filter((word) => word !== "").join(" · ");
