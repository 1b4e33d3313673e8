import { Button, Loader } from "@mantine/core";
import { useState } from "react";
import { useText, type Translate } from "@/i18n";
import { ErrorCard } from "./ErrorCard";

/** Why something could not be had; `isOffline`: the server could not be reached at all. */
export interface Failure {
  message: string;
  hint?: string;
  isOffline?: boolean;
}

/** As much of a question to the server as is needed to tell that it was asked in vain. */
export interface Asked {
  data: unknown;
  error: Failure | null;
  errorUpdateCount: number;
  isError: boolean;
  isFetching: boolean;
  refetch: () => Promise<unknown>;
}

/** Whether nothing is known because asking failed. What was read before still stands when asking anew fails, unless it `isEmpty`: there may be some by now. */
export const isUnread = (asked: Asked, isEmpty = false): boolean => (asked.data === undefined ? asked.errorUpdateCount > 0 : asked.isError && isEmpty);

export const whyOf = (text: Translate, { message, hint, isOffline }: Failure) => ({ message: isOffline ? text("common.error.offline") : message, hint });

/** Stands in the place of what could not be read: what that is, why, and the way to ask again. It is never shown as if there were none. */
export function Unread({ what, asked }: { what: string; asked: Asked }) {
  const text = useText();
  const [last, keep] = useState(asked.error);
  // A question that is asked again has forgotten why it failed; who reads this has not.
  if (asked.error !== null && asked.error !== last) keep(asked.error);
  const why = asked.error ?? last;
  if (why === null) return <p role="status">{text("common.loading")}</p>;
  return (
    <ErrorCard error={whyOf(text, why)} title={text("common.error.unread", { what })}>
      <div>
        <Button size="xs" rightSection={asked.isFetching ? <Loader size={12} /> : undefined} onClick={() => void asked.refetch()}>
          {text("common.action.retry")}
        </Button>
      </div>
    </ErrorCard>
  );
}
