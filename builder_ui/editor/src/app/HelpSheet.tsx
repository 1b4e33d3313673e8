import { Modal } from "@mantine/core";
import { COMMANDS, type CommandGroup } from "@/commands";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { Kbd } from "@/ui/Kbd";
import style from "./HelpSheet.module.css";

const GROUPS: readonly CommandGroup[] = ["run", "edit", "insert", "select", "arrange", "view"];

/** Every command with its keys, made from the list of commands itself. */
export function HelpSheet() {
  const text = useText();
  const opened = useView((state) => state.help);
  return (
    <Modal opened={opened} onClose={() => useView.getState().setHelp(false)} size={860} title={text("app.help.title")} closeButtonProps={{ "aria-label": text("common.action.close") }}>
      <div className={style.sheet} data-testid="help-sheet">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{text(`commands.group.${group}`)}</h3>
            <dl>
              {COMMANDS.filter((command) => command.group === group && command.keys.length > 0).map((command) => (
                <div key={command.id}>
                  <dt>{text(command.label)}</dt>
                  <dd>
                    {command.keys.slice(0, 2).map((keys) => (
                      <Kbd key={keys} keys={keys} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className={style.tip}>{text("app.help.expression", { open: "{{" })}</p>
    </Modal>
  );
}
