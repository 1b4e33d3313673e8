/** Doing something the server may refuse, and telling the person what came of it. */
import { ApiError } from "@/api/client";
import { t } from "@/i18n";
import { notify, notifyFailure } from "@/ui/notify";

/** What an error says to people. */
export function messageOf(error: unknown): { message: string; hint: string } {
  if (!(error instanceof ApiError)) return { message: error instanceof Error ? error.message : String(error), hint: "" };
  if (error.isOffline) return { message: t("common.error.offline"), hint: "" };
  return { message: error.message, hint: error.hint };
}

/** Whether the server was reached and says no; what is away for a while says nothing. */
export const isRefusal = (error: unknown): boolean => error instanceof ApiError && !error.isOffline && error.status < 500;

export const tell = notify;

export const tellFailure = (error: unknown): void => {
  const { message, hint } = messageOf(error);
  notifyFailure(message, hint);
};

/** Do it; a refusal by the server is shown, anything else is a fault of ours and goes on up. Says whether it was done. */
export async function told(work: () => Promise<void>, done?: string): Promise<void> {
  try {
    await work();
    if (done !== undefined) tell(done);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tellFailure(error);
  }
}
