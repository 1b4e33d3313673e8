import { Button } from "@mantine/core";
import { ApiError } from "@/api/client";
import { useText } from "@/i18n";
import { ErrorCard } from "@/ui/ErrorCard";
import style from "./app.module.css";
import { messageOf } from "./told";

/** Why nothing can be shown: signed out, or the server is away. */
export function SignedOut({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const text = useText();
  const isOut = error instanceof ApiError && (error.status === 401 || error.status === 403);
  const here = encodeURIComponent(window.location.pathname + window.location.search);
  return (
    <div className={style.fault}>
      <ErrorCard error={isOut ? { message: text("common.error.signedOut") } : messageOf(error)}>
        {isOut ? (
          <Button component="a" href={`/sign-in/?next=${here}`} variant="filled">
            {text("app.signIn")}
          </Button>
        ) : (
          <Button onClick={onRetry}>{text("common.action.retry")}</Button>
        )}
      </ErrorCard>
    </div>
  );
}
