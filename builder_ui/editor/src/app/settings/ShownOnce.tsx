import { Button, CopyButton, Modal, Stack } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useText } from "@/i18n";
import style from "./settings.module.css";

/** A secret that is seen now and never again. */
export function ShownOnce({ secret, title, onClose }: { secret: string | null; title: string; onClose: () => void }) {
  const text = useText();
  return (
    <Modal opened={secret !== null} onClose={onClose} title={title} closeOnClickOutside={false} closeButtonProps={{ "aria-label": text("common.action.close") }}>
      <Stack gap="md">
        <p style={{ margin: 0 }}>{text("settings.onceHelp")}</p>
        <code className={style.secret} data-testid="secret">
          {secret}
        </code>
        <CopyButton value={secret ?? ""}>
          {({ copied, copy }) => (
            <Button size="sm" variant="filled" onClick={copy} leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}>
              {text(copied ? "common.copied" : "common.action.copy")}
            </Button>
          )}
        </CopyButton>
      </Stack>
    </Modal>
  );
}
