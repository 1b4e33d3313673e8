import { Button, Textarea } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { decide, type Approval, type Decision, type Stage, type Vote } from "@/api/approvals";
import { ApiError } from "@/api/client";
import { placed } from "@/document/operations/set_config";
import type { Problem } from "@/api/types";
import type { Json, JsonObject } from "@/document/types";
import { useText, type TextKey, type Translate } from "@/i18n";
import { ConfigForm } from "@/inspector/form/ConfigForm";
import { placeOf } from "@/inspector/problems";
import { Tag } from "@/ui/Tag";
import { DueTime, RelativeTime } from "@/ui/Times";
import { useFocusBack } from "@/ui/useFocusBack";
import style from "./approvals.module.css";

/** The id of a question's heading, which the focus goes to. */
export const headOf = (approval: Approval): string => `approval-${approval.id}`;

const NONE: ReadonlySet<string> = new Set();
const STATES: Record<string, TextKey> = {
  open: "people.asked.state.open",
  approved: "people.asked.state.approved",
  rejected: "people.asked.state.rejected",
  timeout: "people.asked.state.timeout",
  cancelled: "people.asked.state.cancelled",
};

const SILENCE: Record<string, TextKey> = {
  approved: "people.asked.card.silence.approved",
  rejected: "people.asked.card.silence.rejected",
};

interface Props {
  approval: Approval;
  /** One's decision was taken: the buttons go, and it may be the card with them. */
  onDecided: () => void;
}

/** One question: what is asked, who has said what, and, for who may, the decision. */
export function ApprovalCard({ approval, onDecided }: Props) {
  const text = useText();
  const next = approval.state === "open" ? approval.escalation[approval.stage] : undefined;
  const byDefault = approval.by_default ? "people.asked.card.defaulted" : approval.state === "open" ? SILENCE[approval.default] : undefined;
  return (
    <article className={style.card} aria-labelledby={headOf(approval)}>
      <header>
        <h2 id={headOf(approval)} tabIndex={-1}>{approval.title}</h2>
        <Tag>{text(STATES[approval.state] ?? "people.asked.state.open")}</Tag>
      </header>
      <p className={style.facts}>
        <Link href={`/runs/${approval.run}`}>{`${approval.flow_name} #${approval.run_number}`}</Link>
        <span>
          {text("people.asked.card.asked")} <RelativeTime at={approval.created_at} />
        </span>
        {approval.state === "open" && approval.due_at !== null && (
          <span>
            {text("approvals.signal.until")} <DueTime at={approval.due_at} />
          </span>
        )}
        {byDefault !== undefined && <span>{text(byDefault)}</span>}
        {approval.quorum > 1 && <span>{text("people.asked.card.quorum", { count: approval.votes.length, quorum: approval.quorum })}</span>}
      </p>
      <p className={style.facts}>
        <span>{`${text("people.card.asks")} ${peopleOf(approval, text)}`}</span>
        {approval.stage > 0 && <span>{text("people.card.escalated", { count: approval.stage })}</span>}
        {next !== undefined && (
          <span>
            {text("people.card.next", { people: peopleOf(next, text) })} (<DueTime at={next.at} />)
          </span>
        )}
      </p>
      {approval.lacking > 0 && (
        <p className={style.lacking} role="status">
          {approval.remaining === 0 && approval.votes.length === 0 ? text("people.card.nobody") : text("people.card.lacking", { quorum: approval.quorum, left: approval.remaining })}
        </p>
      )}
      {approval.message !== "" && <p className={style.message}>{approval.message}</p>}
      {approval.votes.length > 0 && (
        <ul className={style.votes}>
          {approval.votes.map((vote) => (
            <OneVote key={vote.by} vote={vote} schema={approval.form} />
          ))}
        </ul>
      )}
      {approval.may_decide && <Decide approval={approval} onDecided={onDecided} />}
    </article>
  );
}

/** Who is asked, in words. */
function peopleOf({ users, roles, groups }: Pick<Stage, "users" | "roles" | "groups">, text: Translate): string {
  const everyone = roles.map((role) => text("people.card.everyone", { role: text(`common.role.${role}` as TextKey) }));
  return [...new Set([...users, ...everyone, ...groups.map((name) => text("people.card.group", { name }))])].join(", ");
}

function OneVote({ vote, schema }: { vote: Vote; schema: Approval["form"] }) {
  const text = useText();
  const filled = vote.form !== null && typeof vote.form === "object" && !Array.isArray(vote.form) ? Object.entries(vote.form) : [];
  return (
    <li>
      <strong>{vote.by}</strong> {text(STATES[vote.decision] ?? "people.asked.state.open")}
      {vote.comment !== "" && <q>{vote.comment}</q>}
      {filled.length > 0 && (
        <dl className={style.filled} aria-label={text("people.card.form")}>
          {filled.map(([name, value]) => (
            <div key={name}>
              <dt>{schema.properties?.[name]?.title ?? name}</dt>
              <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function Decide({ approval, onDecided }: Props) {
  const text = useText();
  const queries = useQueryClient();
  const [comment, setComment] = useState("");
  const [form, setForm] = useState<JsonObject>({});
  const [busy, setBusy] = useState<Decision | null>(null);
  const [refused, setRefused] = useState("");
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  useFocusBack(busy !== null);
  const hasForm = Object.keys(approval.form.properties ?? {}).length > 0;
  const lacksComment = approval.needs_comment && comment.trim() === "";
  const say = async (decision: Decision): Promise<void> => {
    setBusy(decision);
    setRefused("");
    setProblems([]);
    try {
      await decide(approval.id, { decision, comment, ...(hasForm && decision === "approved" ? { form } : {}) });
      onDecided();
      await queries.invalidateQueries({ queryKey: ["approvals"] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblems(error.problems);
      if (error.problems.length === 0) setRefused(error.message);
    } finally {
      setBusy(null);
    }
  };
  const set = (path: (string | number)[], value: Json | undefined): void => setForm((before) => (placed(before, path, value) ?? {}) as JsonObject);
  return (
    <div className={style.decide}>
      {hasForm && <ConfigForm id={`approval-${approval.id}`} root={approval.form} value={form} readOnly={false} verbatim={NONE} labels={{}} scope={null} problemsAt={(path) => problems.filter((one) => placeOf(one).join("/") === ["form", ...path].join("/"))} set={set} />}
      <Textarea label={text("people.asked.card.comment")} withAsterisk={approval.needs_comment} autosize minRows={1} maxRows={6} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
      {refused !== "" && (
        <p className={style.refused} role="alert">
          {refused}
        </p>
      )}
      <div className={style.buttons}>
        <Button variant="default" leftSection={<IconX size={15} />} loading={busy === "rejected"} disabled={lacksComment || busy !== null} onClick={() => void say("rejected")}>
          {text("people.asked.card.reject")}
        </Button>
        <Button variant="filled" leftSection={<IconCheck size={15} />} loading={busy === "approved"} disabled={lacksComment || busy !== null} onClick={() => void say("approved")}>
          {text("people.asked.card.approve")}
        </Button>
      </div>
    </div>
  );
}
