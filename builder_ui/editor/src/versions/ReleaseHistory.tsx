import { Button } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cursorOf } from "@/api/account";
import { environmentKeys, environments } from "@/api/environments";
import type { Release } from "@/api/types";
import { useText } from "@/i18n";
import { More } from "@/ui/More";
import type { Hue } from "@/ui/status";
import { Tag } from "@/ui/Tag";
import { RelativeTime } from "@/ui/Times";
import { isUnread, Unread } from "@/ui/Unread";
import style from "./environments.module.css";

const HUES: Partial<Record<Release["kind"], { hue: Hue }>> = { guard: { hue: "bad" }, rollback: { hue: "wait" } };

/** Every release of the flow in an environment, newest first: asked for when it is unfolded. */
export function ReleaseHistory({ flow, environment }: { flow: string; environment: string }) {
  const text = useText();
  const [isOpen, open] = useState(false);
  return (
    <section className={style.history}>
      <Button size="xs" variant="subtle" style={{ alignSelf: "flex-start" }} leftSection={isOpen ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />} aria-expanded={isOpen} onClick={() => open(!isOpen)}>
        {text("environments.history.title", { environment })}
      </Button>
      {isOpen && <Rows flow={flow} environment={environment} />}
    </section>
  );
}

function Rows({ flow, environment }: { flow: string; environment: string }) {
  const text = useText();
  const list = useInfiniteQuery({
    queryKey: environmentKeys.releases(flow, environment),
    queryFn: ({ pageParam }) => environments.releases(flow, environment, pageParam === "" ? undefined : pageParam),
    initialPageParam: "",
    getNextPageParam: (page) => cursorOf(page.next),
  });
  const found = list.data?.pages.flatMap((page) => page.results) ?? [];
  if (isUnread(list, found.length === 0)) return <Unread what={text("environments.history.title", { environment })} asked={list} />;
  if (list.isSuccess && found.length === 0) return <p className={style.dim}>{text("environments.nothingLive", { environment })}</p>;
  return (
    <>
      <ol aria-label={text("environments.history.title", { environment })}>
        {found.map((release) => (
          <li key={release.release}>
            <div className={style.row}>
              <strong>{`v${release.live_version}`}</strong>
              <Tag {...HUES[release.kind]}>{text(`environments.history.${release.kind}`)}</Tag>
              <span>
                <RelativeTime at={release.created_at} />
              </span>
            </div>
            {release.reason !== "" && <p>{release.reason}</p>}
            {release.author !== null && <p className={style.dim}>{release.author}</p>}
          </li>
        ))}
      </ol>
      <More list={list} size="xs" mt={0} style={{ alignSelf: "flex-start" }} />
    </>
  );
}
