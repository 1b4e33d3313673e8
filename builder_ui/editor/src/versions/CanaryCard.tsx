import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { remove, ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import type { Canary } from "@/api/types";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { KeyValue } from "@/ui/KeyValue";
import style from "./versions.module.css";

/** The canary that runs now: its share, and what its guards see. */
export function CanaryCard({ flow, canary, mayEnd }: { flow: string; canary: Canary; mayEnd: boolean }) {
  const text = useText();
  const client = useQueryClient();
  const end = async (): Promise<void> => {
    try {
      await remove(`/api/flows/${flow}/canary/`);
      await client.invalidateQueries({ queryKey: keys.flows });
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      useView.getState().fail(refused);
    }
  };
  const figures = Object.entries(canary.figures ?? {}).map(([name, value]): [string, string] => [name.replaceAll("_", " "), typeof value === "number" ? String(Math.round(value * 1_000) / 1_000) : JSON.stringify(value)]);
  return (
    <section className={style.canary}>
      <header>
        <strong>{text("versions.canary.running", { version: canary.version, weight: canary.weight })}</strong>
        {mayEnd && <Button onClick={() => void end()}>{text("versions.canary.end")}</Button>}
      </header>
      {figures.length > 0 && <KeyValue pairs={figures} />}
    </section>
  );
}
