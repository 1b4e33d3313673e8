import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { KeyboardEvent, ReactNode } from "react";
import { useText } from "@/i18n";
import style from "./ConfirmDialog.module.css";
import { useFocusBack } from "./useFocusBack";

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

/** Ctrl-Enter confirms from everywhere; Enter does from a field of one line, which may be drawn as one that grows. */
function confirms(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return false;
  if (event.ctrlKey || event.metaKey) return true;
  const { target } = event;
  return target instanceof HTMLTextAreaElement && target.dataset.line !== undefined && !target.value.includes("\n");
}

const WRITTEN = "textarea, input:not([type=radio], [type=checkbox], [aria-haspopup])";

/** Whoever works by keyboard begins where something is written, unless a field of the dialog asks for it. */
function begin(form: HTMLFormElement | null): void {
  if (form?.querySelector("[data-autofocus]:not(button)") === null) form.querySelector(WRITTEN)?.setAttribute("data-autofocus", "");
}

/** Asks before something that isn't easily undone; the button says what will happen. */
export function ConfirmDialog(props: Props) {
  const text = useText();
  useFocusBack(props.opened);
  useFocusBack(props.busy ?? false);
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} size={props.size ?? "md"} closeButtonProps={{ "aria-label": text("common.action.close") }}>
      <form
        ref={begin}
        onSubmit={(event) => {
          event.preventDefault();
          props.onConfirm();
        }}
        onKeyDownCapture={(event) => {
          if (!confirms(event) || props.disabled || props.busy) return;
          event.preventDefault();
          event.stopPropagation();
          event.currentTarget.requestSubmit();
        }}
      >
        <Stack gap="md">
          {typeof props.children === "string" ? <Text size="sm">{props.children}</Text> : props.children}
          <Group className={style.foot} justify="flex-end" gap="xs">
            <Button size="sm" data-autofocus={props.danger || undefined} onClick={props.onClose}>
              {text("common.action.cancel")}
            </Button>
            <Button
              type="submit"
              size="sm"
              data-autofocus
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
