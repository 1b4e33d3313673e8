import { Button } from "@mantine/core";
import { commandById, perform } from "@/commands";
import { useText } from "@/i18n";
import style from "./Canvas.module.css";

/** What an empty canvas says. */
export function EmptyHint() {
  const text = useText();
  return (
    <div className={style.empty}>
      <div>
        <h2>{text("canvas.empty.title")}</h2>
        <p>{text("canvas.empty.text")}</p>
        <Button variant="filled" onClick={() => perform(commandById("insert"))}>
          {text("canvas.empty.action")}
        </Button>
      </div>
    </div>
  );
}
