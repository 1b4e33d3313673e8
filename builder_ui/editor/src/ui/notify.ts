/** A word on what has just been done, that goes by itself; a failure stays longer. */
import { notifications } from "@mantine/notifications";
import { t } from "@/i18n";

const closing = () => ({ "aria-label": t("common.action.close") });

export const notify = (message: string): void => {
  notifications.show({ message, autoClose: 4_000, withBorder: true, closeButtonProps: closing() });
};

export const notifyFailure = (title: string, hint: string): void => {
  notifications.show({ title, message: hint, color: "red", autoClose: 9_000, withBorder: true, closeButtonProps: closing() });
};
