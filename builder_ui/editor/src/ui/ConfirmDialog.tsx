import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useText } from "@/i18n";

interface Props {
  opened: boolean;
  title: string;
  children?: ReactNode;
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  disabled?: boolean;
  size?: string | number;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that isn't easily undone; the button says what will happen. */
export function ConfirmDialog(props: Props) {
  const text = useText();
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} size={props.size ?? "md"} closeButtonProps={{ "aria-label": text("common.action.close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onConfirm();
        }}
      >
        <Stack gap="md">
          {typeof props.children === "string" ? <Text size="sm">{props.children}</Text> : props.children}
          <Group justify="flex-end" gap="xs">
            <Button size="sm" onClick={props.onClose}>
              {text("common.action.cancel")}
            </Button>
            <Button
              type="submit"
              size="sm"
              variant="filled"
              color={props.danger ? "red" : undefined}
              loading={props.busy ?? false}
              disabled={props.disabled ?? false}
            >
              {props.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
