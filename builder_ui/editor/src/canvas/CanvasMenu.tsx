import { Menu } from "@mantine/core";
import { useState, type Ref } from "react";
import { commandById, keysOf, perform, stateNow, type Command } from "@/commands";
import type { Position } from "@/document/types";
import { useText } from "@/i18n";
import { Kbd } from "@/ui/Kbd";
import style from "./Canvas.module.css";

/** What is asked about: the canvas, where nothing lies, or what is chosen. */
export interface MenuAsked {
  at: Position;
  about: "canvas" | "chosen";
}

const GROUPS: Record<MenuAsked["about"], readonly (readonly string[])[]> = {
  canvas: [
    ["insert", "note", "paste"],
    ["select-all", "tidy", "zoom-fit"],
    ["code", "export-file", "export-svg", "export-png"],
  ],
  chosen: [
    ["run-until", "run-only", "run-from", "breakpoint"],
    ["rename", "disable", "fold", "group", "ungroup", "note-color", "connect", "extract"],
    ["cut", "copy", "duplicate"],
    ["select-upstream", "select-downstream", "select-connected", "tidy"],
    ["detach", "delete-reconnect", "delete"],
  ],
};

function Item({ command, onClose }: { command: Command; onClose: () => void }) {
  const text = useText();
  const Icon = command.icon;
  const [key] = keysOf(command);
  const run = () => {
    onClose();
    perform(command);
  };
  return (
    <Menu.Item className={style.menuItem} leftSection={<Icon size={15} stroke={1.7} />} rightSection={key === undefined ? null : <Kbd keys={key} />} color={command.id === "delete" ? "red" : undefined} onClick={run}>
      {text(command.label)}
    </Menu.Item>
  );
}

/** Wherever the button was pressed the menu stands whole in the window, and over the place if it has to: cut off at the foot it would scroll the page. */
const WHOLE = { flip: false, shift: { crossAxis: true, padding: 8, limiter: undefined } };

/** The menu under the right button: the commands that may be given now to what it was asked for at. */
export function CanvasMenu({ asked, onClose }: { asked: MenuAsked | null; onClose: () => void }) {
  return asked === null ? null : <Open key={`${asked.at.x}:${asked.at.y}`} {...asked} onClose={onClose} />;
}

function Open({ at, about, onClose }: MenuAsked & { onClose: () => void }) {
  const text = useText();
  // Whoever had the focus gets it back; a command may give it to something else after that.
  const [before] = useState(() => document.activeElement);
  const close = (): void => {
    onClose();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  const state = stateNow();
  const groups = GROUPS[about].map((ids) => ids.map(commandById).filter((command) => command.when(state))).filter((group) => group.length > 0);
  return (
    <Menu opened onClose={close} position="bottom-start" offset={2} width={260} closeOnItemClick={false} floatingStrategy="fixed" middlewares={WHOLE}>
      <Menu.Target>
        <Point at={at} label={text("canvas.menu")} />
      </Menu.Target>
      <Menu.Dropdown className={style.menu}>
        {groups.flatMap((group, index) => [
          ...(index > 0 ? [<Menu.Divider key={`line${index}`} />] : []),
          ...group.map((command) => <Item key={command.id} command={command} onClose={close} />),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Where it opens, and its name. It is no button that could be told of as open or closed: of what Mantine says of one only the id is taken. */
function Point({ at, label, id, ref }: { at: Position; label: string; id?: string; ref?: Ref<HTMLSpanElement> }) {
  return (
    <span ref={ref} id={id} className={style.menuAnchor} style={{ left: at.x, top: at.y }}>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
