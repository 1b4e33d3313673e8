/** A word on what has just been done, that goes by itself; a failure stays longer. */
import { notifications } from "@mantine/notifications";

export const notify = (message: string): void => {
  notifications.show({ message, autoClose: 4_000, withBorder: true });
};

export const notifyFailure = (title: string, hint: string): void => {
  notifications.show({ title, message: hint, color: "red", autoClose: 9_000, withBorder: true });
};
