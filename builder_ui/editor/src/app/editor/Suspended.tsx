/** A flow that only failed: its triggers stand still. Why, by which figures, and the way back. */
import { Button, Popover } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { Link } from "wouter";
import { useMay } from "@/api/account";
import type { Suspension } from "@/api/types";
import { useText } from "@/i18n";
import { RelativeTime } from "@/ui/Times";
import { resumeFlow } from "../pages/flowActions";
import { told } from "../told";
import style from "./Suspended.module.css";

export function Suspended({ flow, suspended }: { flow: string; suspended: Suspension }) {
  const text = useText();
  const mayResume = useMay("flows:publish");
  return (
    <Popover position="bottom-start" width={380} withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button className={style.button} leftSection={<IconPlayerPause size={15} />} data-testid="suspended">
          {text("operations.suspended.title")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={style.about}>{text("operations.suspended.about", { count: suspended.failed, version: suspended.version })}</p>
        <dl className={style.facts}>
          <dt>{text("operations.suspended.since")}</dt>
          <dd>
            <RelativeTime at={suspended.since} />
          </dd>
          <dt>{text("operations.suspended.newest")}</dt>
          <dd>
            <Link href={`/runs/${suspended.run}`}>{suspended.message || suspended.code || text("operations.suspended.open")}</Link>
          </dd>
        </dl>
        <p className={style.about}>{text("operations.suspended.help")}</p>
        {mayResume && (
          <Button variant="light" leftSection={<IconPlayerPlay size={15} />} onClick={() => void told(() => resumeFlow(flow), text("operations.suspended.resumed"))}>
            {text("operations.suspended.resume")}
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
