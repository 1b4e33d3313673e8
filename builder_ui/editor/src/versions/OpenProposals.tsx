import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { proposals, type Proposal, type Standing } from "@/api/environments";
import { ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import { useText } from "@/i18n";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { RelativeTime } from "@/ui/Times";
import { whyOf } from "@/ui/Unread";
import style from "./environments.module.css";

interface Props {
  flow: string;
  standings: readonly Standing[];
  /** Show what it would change. */
  onCompare: (pair: { from: number; to: number }) => void;
}

/** Releases that wait for a second person: who may release there decides, and who proposed may withdraw. */
export function OpenProposals({ flow, standings, onCompare }: Props) {
  const open = standings.flatMap((each) => (each.proposal === null ? [] : [{ standing: each, proposal: each.proposal }]));
  return open.map(({ standing, proposal }) => <Waiting key={proposal.id} flow={flow} standing={standing} proposal={proposal} onCompare={onCompare} />);
}

function Waiting({ flow, standing, proposal, onCompare }: { flow: string; standing: Standing; proposal: Proposal; onCompare: Props["onCompare"] }) {
  const text = useText();
  const client = useQueryClient();
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const { version, environment } = proposal;
  const live = standing.live_version;
  const mayDecide = standing.may_release && !proposal.mine;
  const decide = async (verb: "approve" | "reject"): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await proposals[verb](flow, proposal.id, comment);
      await client.invalidateQueries({ queryKey: keys.flows });
      const done = verb === "approve" ? "approved" : proposal.mine ? "withdrawn" : "rejected";
      notify(text(`environments.proposal.${done}`, { version, environment }));
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const isCanary = Object.keys(proposal.canary).length > 0;
  return (
    <section className={style.proposal} aria-label={text("environments.proposal.label", { version, environment })} data-testid="proposal">
      <header>
        <strong>{text(isCanary ? "environments.proposal.canary" : "environments.proposal.release", { version, environment })}</strong>
        <span className={style.dim}>
          <RelativeTime at={proposal.created_at} />
        </span>
      </header>
      <p className={style.dim}>{proposal.mine ? text("environments.proposal.mine") : text("environments.proposal.by", { by: proposal.proposer })}</p>
      {proposal.reason !== "" && <p>{proposal.reason}</p>}
      {error !== null && <ErrorCard error={whyOf(text, error)} />}
      {mayDecide && <TextInput size="xs" label={text("environments.proposal.comment")} maxLength={5000} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />}
      <div className={style.actions}>
        {mayDecide && (
          <>
            <Button size="xs" variant="filled" loading={busy} onClick={() => void decide("approve")}>
              {text("environments.proposal.approve")}
            </Button>
            <Button size="xs" disabled={busy} onClick={() => void decide("reject")}>
              {text("environments.proposal.reject")}
            </Button>
          </>
        )}
        {proposal.mine && (
          <Button size="xs" loading={busy} onClick={() => void decide("reject")}>
            {text("environments.proposal.withdraw")}
          </Button>
        )}
        {live !== null && live !== version && (
          <Button size="xs" variant="subtle" onClick={() => onCompare({ from: live, to: version })}>
            {text("environments.proposal.changes")}
          </Button>
        )}
      </div>
    </section>
  );
}
