/** The way to run what is live, in the menu beside "Run". It is loaded when that is first opened. */
import { Menu } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useStandings, type Standing } from "@/api/environments";
import { useText } from "@/i18n";
import { askForInput } from "./RunDialog";

/** Where the live version is run unless another environment is chosen: the default one, else the first in which one is live. */
export const runnable = (standings: readonly Standing[]): Standing | null => {
  const live = standings.filter((each) => each.live_version !== null);
  return live.find((each) => each.is_default) ?? live[0] ?? null;
};

export function RunLive({ flow }: { flow: string }) {
  const text = useText();
  const found = runnable(useStandings(flow));
  if (found === null) return null;
  return (
    <Menu.Item leftSection={<IconPlugConnected size={15} />} onClick={() => askForInput("live")}>
      {text("environments.runs.runLive", { version: found.live_version ?? "", environment: found.environment })}
    </Menu.Item>
  );
}
