import { Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { counts, jobKeys } from "@/api/jobs";
import { useEnvironments } from "@/api/environments";
import { useFlows } from "@/api/queries";
import type { RunStatus } from "@/api/types";
import { spoken, useText } from "@/i18n";
import { StatusIcon } from "@/ui/StatusIcon";
import { useSlash } from "@/ui/useSlash";
import style from "../../app.module.css";
import { KeptFilters } from "../KeptFilters";
import own from "./runs.module.css";
import { asked, SPANS, type useRunsFilter } from "./useRunsFilter";

const STATUSES: readonly RunStatus[] = ["queued", "running", "waiting", "paused", "compensating", "succeeded", "failed", "cancelled"];
const LOOK_EVERY = 3_000;

/** What is shown of all runs: by words, flow, time, error and status, with how many each status has, kept true. */
export function RunsFilters({ filter }: { filter: ReturnType<typeof useRunsFilter> }) {
  const text = useText();
  const { said, wanted, change } = filter;
  const search = useSlash();
  const flows = useFlows();
  const environments = useEnvironments();
  const { status: _status, code: _code, ...rest } = wanted;
  const counted = useQuery({ queryKey: jobKeys.counts(rest), queryFn: () => counts(asked(rest)), refetchInterval: LOOK_EVERY, placeholderData: (before) => before });
  const chosen = (said.status ?? "").split(",").filter(Boolean);
  const toggle = (status: string): void => {
    const next = chosen.includes(status) ? chosen.filter((each) => each !== status) : [...chosen, status];
    change({ status: next.join(",") || null });
  };
  const number = new Intl.NumberFormat(spoken());
  const codes = [...new Set([...(counted.data?.codes.map((each) => each.code) ?? []), ...(said.code ? [said.code] : [])])];
  return (
    <>
      <div className={style.toolbar}>
        <TextInput
          ref={search}
          className={own.search}
          size="sm"
          leftSection={<IconSearch size={15} />}
          placeholder={text("runspage.searchBy")}
          aria-label={text("runspage.search")}
          maxLength={200}
          value={said.q ?? ""}
          onChange={(event) => change({ q: event.currentTarget.value }, true)}
        />
        <Select
          aria-label={text("runspage.flow")}
          placeholder={text("runspage.everyFlow")}
          size="sm"
          clearable
          searchable
          className={own.wide}
          data={(flows.data?.results ?? []).map((each) => ({ value: each.id, label: each.name }))}
          value={said.flow ?? null}
          onChange={(flow) => change({ flow })}
        />
        <Select
          aria-label={text("environments.runs.environment")}
          placeholder={text("environments.runs.every")}
          size="sm"
          clearable
          className={own.narrow}
          data={(environments.data?.results ?? []).map((each) => each.name)}
          value={said.environment ?? null}
          onChange={(environment) => change({ environment })}
        />
        <Select
          aria-label={text("jobs.filter.time")}
          placeholder={text("jobs.filter.anyTime")}
          size="sm"
          clearable
          className={own.narrow}
          data={Object.keys(SPANS).map((span) => ({ value: span, label: text(`jobs.filter.last.${span as "1h" | "24h" | "7d" | "30d"}`) }))}
          value={said.last ?? null}
          onChange={(last) => change({ last })}
        />
        <Select
          aria-label={text("jobs.filter.error")}
          placeholder={text("jobs.filter.anyError")}
          size="sm"
          clearable
          searchable
          className={own.narrow}
          data={codes}
          value={said.code ?? null}
          onChange={(code) => change({ code })}
        />
        <Select
          aria-label={text("jobs.filter.kind")}
          placeholder={text("jobs.filter.anyKind")}
          size="sm"
          clearable
          className={own.narrow}
          data={[
            { value: "false", label: text("jobs.filter.real") },
            { value: "true", label: text("jobs.filter.tests") },
          ]}
          value={said.test ?? null}
          onChange={(test) => change({ test })}
        />
        <KeptFilters of="runs" filter={filter} />
      </div>
      <div className={own.statuses} role="group" aria-label={text("runspage.status")}>
        {STATUSES.map((status) => (
          <button key={status} type="button" className={own.status} aria-pressed={chosen.includes(status)} onClick={() => toggle(status)}>
            <StatusIcon status={status} size={14} silent />
            {text(`common.status.${status}`)}
            <span className={own.count}>{counted.data === undefined ? "–" : number.format(counted.data.statuses[status] ?? 0)}</span>
          </button>
        ))}
        {counted.data?.is_all === false && <span className={own.hint}>{text("jobs.filter.newest")}</span>}
      </div>
    </>
  );
}
