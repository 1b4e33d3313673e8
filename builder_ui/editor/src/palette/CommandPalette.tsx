import { Modal, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { COMMANDS, perform, stateNow, type Command } from "@/commands";
import { titleOf, type DocumentNode } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { Kbd } from "@/ui/Kbd";
import style from "./Palette.module.css";

/** Something else that can be chosen here, such as another flow or a page; the app hands these in. */
export interface Choice {
  id: string;
  label: string;
  about?: string;
  choose: () => void;
}

type Row = { kind: "command"; command: Command } | { kind: "node"; node: DocumentNode } | { kind: "choice"; choice: Choice };

const MOST = 40;

function Open({ choices }: { choices: readonly Choice[] }) {
  const text = useText();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const document = useEditor((state) => state.document);
  const catalogue = useEditor((state) => state.catalogue);
  const close = () => useView.getState().setCommandPalette(false);

  const rows = useMemo((): Row[] => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const isAsked = (label: string) => words.every((word) => label.toLowerCase().includes(word));
    const state = stateNow();
    const commands = COMMANDS.filter((command) => command.id !== "palette" && command.when(state) && isAsked(text(command.label)));
    const nodes = words.length === 0 ? [] : document.nodes.filter((node) => isAsked(`${titleOf(node)} ${node.id} ${node.type}`));
    const others = choices.filter((choice) => isAsked(`${choice.label} ${choice.about ?? ""}`));
    return [
      ...nodes.slice(0, 8).map((node): Row => ({ kind: "node", node })),
      ...commands.map((command): Row => ({ kind: "command", command })),
      ...others.map((choice): Row => ({ kind: "choice", choice })),
    ].slice(0, MOST);
  }, [query, document, choices, text]);

  const choose = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    close();
    if (row.kind === "command") perform(row.command);
    else if (row.kind === "choice") row.choice.choose();
    else {
      useEditor.getState().select({ nodes: [row.node.id] });
      useView.getState().canvas?.show(row.node.id);
    }
  };
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setActive((now) => Math.max(0, Math.min(rows.length - 1, now + step)));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) choose(active);
    else return;
    event.preventDefault();
  };

  return (
    <div onKeyDown={onKey} data-testid="command-palette">
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls="command-list"
        aria-activedescendant={rows[active] === undefined ? undefined : `command-${active}`}
        aria-label={text("commands.palette.placeholder")}
        placeholder={text("commands.palette.placeholder")}
        leftSection={<IconSearch size={15} stroke={1.8} />}
        size="sm"
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
      />
      <div className={style.results} role="listbox" id="command-list" aria-label={text("commands.palette.commands")}>
        {rows.length === 0 && <p className={style.none}>{text("commands.palette.none")}</p>}
        {rows.map((row, index) => (
          <div
            key={index}
            id={`command-${index}`}
            role="option"
            aria-selected={index === active}
            className={style.item}
            data-active={index === active || undefined}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(index)}
          >
            <RowWords row={row} icon={row.kind === "node" ? catalogue.get(row.node.type) : undefined} />
          </div>
        ))}
      </div>
    </div>
  );
}

function RowWords({ row, icon }: { row: Row; icon: { category: string; icon: string } | undefined }) {
  const text = useText();
  if (row.kind === "node") {
    return (
      <>
        <CategoryIcon category={icon?.category ?? "other"} icon={icon?.icon ?? "box"} size={24} />
        <span className={style.words}><span className={style.label}>{titleOf(row.node)}</span></span>
        <span className={style.about}>{row.node.type}</span>
      </>
    );
  }
  if (row.kind === "choice") {
    return (
      <>
        <span className={style.words}><span className={style.label}>{row.choice.label}</span></span>
        <span className={style.about}>{row.choice.about}</span>
      </>
    );
  }
  const Icon = row.command.icon;
  const [key] = row.command.keys;
  return (
    <>
      <Icon size={17} stroke={1.7} aria-hidden />
      <span className={style.words}><span className={style.label}>{text(row.command.label)}</span></span>
      {key !== undefined && <Kbd keys={key} />}
    </>
  );
}

/** Everything by name: commands, the nodes of the open flow, and what the app hands in. */
export function CommandPalette({ choices = [] }: { choices?: readonly Choice[] }) {
  const isOpen = useView((state) => state.commandPalette);
  return (
    <Modal opened={isOpen} onClose={() => useView.getState().setCommandPalette(false)} withCloseButton={false} centered={false} yOffset="12vh" size={560} padding="sm">
      <Open choices={choices} />
    </Modal>
  );
}
