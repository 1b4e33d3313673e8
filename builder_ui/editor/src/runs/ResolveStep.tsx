import { Radio, Stack } from "@mantine/core";
import { useState } from "react";
import { post, ApiError } from "@/api/client";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { ConfirmDialog } from "@/ui/ConfirmDialog";

const VERDICTS = ["succeeded", "failed", "retry"] as const;

/** A person says what became of an effect nobody can be sure of. */
export function ResolveStep({ run, step, opened, onClose }: { run: string; step: string; opened: boolean; onClose: () => void }) {
  const text = useText();
  const [verdict, setVerdict] = useState<(typeof VERDICTS)[number]>("succeeded");
  const send = async (): Promise<void> => {
    onClose();
    try {
      await post(`/api/runs/${run}/steps/${encodeURIComponent(step)}/resolve/`, { verdict });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      useView.getState().fail(error);
    }
  };
  return (
    <ConfirmDialog opened={opened} title={text("runs.resolve.title")} confirm={text("runs.resolve.confirm")} onClose={onClose} onConfirm={() => void send()}>
      <Stack gap="sm">
        <p style={{ margin: 0 }}>{text("runs.resolve.help")}</p>
        <Radio.Group value={verdict} onChange={setVerdict}>
          <Stack gap="xs">
            {VERDICTS.map((each) => (
              <Radio key={each} value={each} label={text(`runs.resolve.${each}`)} />
            ))}
          </Stack>
        </Radio.Group>
      </Stack>
    </ConfirmDialog>
  );
}
