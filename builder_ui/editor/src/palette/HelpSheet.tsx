import { Modal } from "@mantine/core";
import { COMMANDS, type Command, type CommandGroup } from "@/commands";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { Kbd } from "@/ui/Kbd";
import style from "./Palette.module.css";

const GROUPS: readonly CommandGroup[] = ["run", "edit", "insert", "select", "arrange", "view"];

/** Every command that has a key, from the list of commands itself. */
export function HelpSheet() {
  const text = useText();
  const isOpen = useView((state) => state.help);
  const keyed = (group: CommandGroup): Command[] => COMMANDS.filter((command) => command.group === group && command.keys.length > 0);
  return (
    <Modal opened={isOpen} onClose={() => useView.getState().setHelp(false)} title={text("commands.help.title")} size={760} closeButtonProps={{ "aria-label": text("commands.help.close") }}>
      <div className={style.sheet} data-testid="help-sheet">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{text(`commands.group.${group}`)}</h3>
            <dl>
              {keyed(group).flatMap((command) => [
                <dt key={command.id}>{text(command.label)}</dt>,
                <dd key={`${command.id}.keys`}>{command.keys.map((keys) => <Kbd key={keys} keys={keys} />)}</dd>,
              ])}
            </dl>
          </section>
        ))}
      </div>
      <p className={style.hint}>{text("commands.help.hint")}</p>
    </Modal>
  );
}
