import { Button } from "@mantine/core";
import { IconArrowsExchange, IconBan, IconPlayerPause, IconPlayerPlay, IconRotate, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useSession } from "@/api/account";
import { asBody, type JobAction, type JobOrder, type RunFilter } from "@/api/jobs";
import { spoken, useText } from "@/i18n";
import { ACTIONS, JobDialog } from "./JobDialog";
import own from "./runs.module.css";

const ICONS = { retry: IconRotate, cancel: IconBan, pause: IconPlayerPause, resume: IconPlayerPlay, move: IconArrowsExchange, delete: IconTrash } as const;

interface Props {
  chosen: ReadonlySet<string>;
  /** All that the filter means, not only those with a tick. */
  isAll: boolean;
  /** How many the filter means; null where that isn't known. */
  matching: number | null;
  filter: () => RunFilter;
  /** The one flow whose runs are chosen; null where they may be of several. */
  flow: string | null;
  onAll: () => void;
  onClear: () => void;
}

/** What can be done with the runs that are chosen; where more fit the filter, all of them can be meant. */
export function RunsActions({ chosen, isAll, matching, filter, flow, onAll, onClear }: Props) {
  const text = useText();
  const permissions = useSession().data?.permissions ?? [];
  const [order, setOrder] = useState<JobOrder | null>(null);
  const number = new Intl.NumberFormat(spoken());
  const ask = (action: JobAction): void => setOrder(isAll ? { action, filter: asBody(filter()) } : { action, runs: [...chosen] });
  const isMore = matching === null || matching > chosen.size;
  return (
    <div className={own.actions} role="toolbar" aria-label={text("jobs.bar")}>
      <span className={own.said}>
        <b>{isAll ? (matching === null ? text("jobs.allMeant") : text("jobs.allCounted", { number: number.format(matching) })) : text("jobs.chosen", { count: chosen.size })}</b>
        {!isAll && isMore && (
          <button type="button" className={own.link} onClick={onAll}>
            {matching === null ? text("jobs.chooseAll") : text("jobs.chooseAllCounted", { number: number.format(matching) })}
          </button>
        )}
        <button type="button" className={own.link} onClick={onClear}>
          {text("jobs.clear")}
        </button>
      </span>
      {ACTIONS.filter((each) => permissions.includes(each.needs)).map(({ action }) => {
        const Icon = ICONS[action];
        return (
          <Button key={action} size="xs" leftSection={<Icon size={14} />} color={action === "delete" ? "red" : undefined} onClick={() => ask(action)}>
            {text(`jobs.action.${action}`)}
          </Button>
        );
      })}
      {order !== null && (
        <JobDialog
          order={order}
          flow={flow}
          onClose={() => setOrder(null)}
          onMade={() => {
            setOrder(null);
            onClear();
          }}
        />
      )}
    </div>
  );
}
