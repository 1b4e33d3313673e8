import { Button, Modal } from "@mantine/core";
import { IconKeyboard, IconRestore } from "@tabler/icons-react";
import { useState } from "react";
import { COMMANDS, useKeysOf, type CommandGroup } from "@/commands";
import { useText } from "@/i18n";
import { useKeys } from "@/store/keys";
import { useView } from "@/store/view";
import { Kbd } from "@/ui/Kbd";
import { useShownLate } from "@/ui/useShownLate";
import style from "./HelpSheet.module.css";
import { KeysOfCommand } from "./KeysOfCommand";
import { usePrefer } from "./usePrefer";

const GROUPS: readonly CommandGroup[] = ["run", "edit", "insert", "select", "arrange", "view"];

/** Every command with its keys, made from the list of commands itself; here one also gives them keys of one's own. */
export function HelpSheet() {
  const text = useText();
  const opened = useShownLate(useView((state) => state.help));
  const [editing, setEditing] = useState(false);
  const hasOwn = useKeys((state) => Object.keys(state.own).length > 0);
  const keysOf = useKeysOf();
  const prefer = usePrefer();
  const close = (): void => {
    setEditing(false);
    useView.getState().setHelp(false);
  };
  return (
    <Modal opened={opened} onClose={close} size={860} title={text("keys.title")} closeButtonProps={{ "aria-label": text("common.action.close") }}>
      <div className={style.tools}>
        <p className={style.tip}>{editing ? text("keys.editHelp") : text("keys.expression", { open: "{{" })}</p>
        {editing && hasOwn && (
          <Button variant="default" leftSection={<IconRestore size={15} />} onClick={() => void prefer.keys({})}>
            {text("keys.resetAll")}
          </Button>
        )}
        <Button variant={editing ? "filled" : "default"} leftSection={<IconKeyboard size={15} />} onClick={() => setEditing(!editing)}>
          {text(editing ? "keys.done" : "keys.change")}
        </Button>
      </div>
      <div className={style.sheet} data-testid="help-sheet">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{text(`commands.group.${group}`)}</h3>
            <dl>
              {COMMANDS.filter((command) => command.group === group && (editing || keysOf(command).length > 0)).map((command) =>
                editing ? (
                  <KeysOfCommand key={command.id} command={command} onKeep={(own) => void prefer.keys(own)} />
                ) : (
                  <div key={command.id}>
                    <dt>{text(command.label)}</dt>
                    <dd>
                      {keysOf(command)
                        .slice(0, 2)
                        .map((keys) => (
                          <Kbd key={keys} keys={keys} />
                        ))}
                    </dd>
                  </div>
                ),
              )}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
