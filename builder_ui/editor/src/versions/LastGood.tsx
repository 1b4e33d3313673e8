import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { flows } from "@/api/calls";
import { keys } from "@/api/queries";
import { useText } from "@/i18n";

/** The shortest way back: to the version that was live before and whose runs succeeded. Nothing where there is none. */
export function LastGood({ flow, environment, live, onBack }: { flow: string; environment: string; live: number; onBack: (version: number) => void }) {
  const text = useText();
  const good = useQuery({ queryKey: [...keys.flow(flow), "last-good", environment, live], queryFn: () => flows.lastGood(flow, environment) });
  if (!good.data || good.data.version === null) return null;
  const { version, runs, failed } = good.data;
  return (
    <Button size="xs" leftSection={<IconArrowBackUp size={14} />} style={{ alignSelf: "flex-start" }} title={text("releases.good.why", { good: runs - failed, runs })} onClick={() => onBack(version)}>
      {text("releases.good.back", { version })}
    </Button>
  );
}
