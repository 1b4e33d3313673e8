import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { flows } from "@/api/calls";
import { ApiError } from "@/api/client";
import { environmentKeys, environments, type Standing } from "@/api/environments";
import { keys } from "@/api/queries";
import type { Canary } from "@/api/types";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { holding, nextShare, rowsOf } from "./figures";
import style from "./versions.module.css";

/** Milliseconds between two looks at figures that change with every run. */
const LOOK_EVERY = 2_000;

/** The canary that runs now: its share, what its guards see of it and of the live version, and what comes next. */
export function CanaryCard({ flow, here, canary, mayEnd }: { flow: string; here: Standing; canary: Canary; mayEnd: boolean }) {
  const text = useText();
  const client = useQueryClient();
  useQuery({ queryKey: environmentKeys.ofFlow(flow), queryFn: () => environments.ofFlow(flow), refetchInterval: LOOK_EVERY });
  // What the rest of the page says is live.
  useQuery({ queryKey: keys.flow(flow), queryFn: () => flows.read(flow), refetchInterval: LOOK_EVERY, enabled: here.is_default });
  const end = async (): Promise<void> => {
    try {
      await flows.endCanary(flow, here.environment);
      await client.invalidateQueries({ queryKey: keys.flows });
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      useView.getState().fail(refused);
    }
  };
  const rows = rowsOf(canary);
  const next = nextShare(canary);
  const held = holding(canary);
  return (
    <section className={style.canary} data-testid="canary">
      <header>
        <strong>{text("versions.canary.running", { version: canary.version, weight: canary.weight })}</strong>
        {mayEnd && <Button onClick={() => void end()}>{text("versions.canary.end")}</Button>}
      </header>
      {rows.length > 0 && (
        <table className={style.figures} aria-label={text("releases.canary.figures")}>
          <thead>
            <tr>
              <th scope="col">{text("releases.canary.figure")}</th>
              <th scope="col">{text("releases.canary.side", { version: canary.version })}</th>
              <th scope="col">{text("releases.canary.live")}</th>
              <th scope="col">{text("releases.canary.limit")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} data-over={row.isOver || undefined}>
                <th scope="row">{text(row.name)}</th>
                <td>{row.canary}</td>
                <td>{row.live}</td>
                <td>{row.limit}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {next !== undefined && <p className={style.lead}>{next === null ? text("releases.canary.last", held) : text("releases.canary.next", { weight: next, ...held })}</p>}
    </section>
  );
}
