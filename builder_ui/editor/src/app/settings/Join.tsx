import { Button } from "@mantine/core";
import { IconUsersPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { post, ApiError, chooseWorkspace } from "@/api/client";
import { useText } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorCard } from "@/ui/ErrorCard";

/** An invitation, opened by someone who is signed in: one press joins the workspace. */
export function Join() {
  const text = useText();
  const [params] = useSearchParams();
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const join = async (): Promise<void> => {
    setBusy(true);
    try {
      const joined = await post<{ workspace: string }>("/api/invitations/accept/", { secret: params.get("secret") ?? "" });
      chooseWorkspace(joined.workspace);
      window.location.assign("/");
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <EmptyState
      icon={<IconUsersPlus size={24} />}
      title={text("settings.join.title")}
      action={
        <Button size="sm" variant="filled" loading={busy} onClick={() => void join()}>
          {text("settings.join.accept")}
        </Button>
      }
    >
      {error === null ? text("settings.join.help") : <ErrorCard error={{ message: error.message, hint: error.hint }} />}
    </EmptyState>
  );
}
