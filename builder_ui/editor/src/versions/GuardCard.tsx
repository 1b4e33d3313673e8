import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { versions } from "@/api/calls";
import { keys } from "@/api/queries";
import type { Standing } from "@/api/environments";
import { useText } from "@/i18n";
import { RelativeTime } from "@/ui/Times";
import style from "./versions.module.css";

/** What a guard did last, by which figure, and the runs to look at; nothing once something else was released. */
export function GuardCard({ flow, here }: { flow: string; here: Standing }) {
  const text = useText();
  const list = useQuery({
    queryKey: [...keys.flow(flow), "releases", here.environment, here.live_version, here.canary?.weight ?? null],
    queryFn: () => versions.releases(flow, 1, here.environment),
    enabled: here.canary === null,
  });
  const newest = list.data?.results[0];
  if (here.canary !== null || newest?.kind !== "guard") return null;
  const runs = newest.evidence?.runs ?? [];
  return (
    <section className={style.guard} data-testid="guard">
      <header>
        <strong>{text("releases.canary.took", { version: newest.evidence?.version ?? "" })}</strong>
        <span className={style.when}>
          <RelativeTime at={newest.created_at} />
        </span>
      </header>
      <p className={style.note}>{newest.reason}</p>
      {runs.length > 0 && (
        <p className={style.author}>
          {text("releases.canary.runsOf")}{" "}
          {runs.map((run, at) => (
            <Anchor key={run} href={`/runs/${run}`} size="xs" mr={6}>{`#${at + 1}`}</Anchor>
          ))}
        </p>
      )}
    </section>
  );
}
