import { Combobox, Modal, TextInput, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import { Kbd } from "@/ui/Kbd";
import { useShownLate } from "@/ui/useShownLate";
import style from "./CommandPalette.module.css";
import { ranked, type Entry } from "./ranked";
import { useEntries } from "./useEntries";
import { useFound } from "./useFound";

const MOST = 60;

/** Ctrl-K: everything one can go to or do, found by typing: what is known here at once, what the server finds behind it. */
export function CommandPalette() {
  const text = useText();
  const opened = useShownLate(useView((state) => state.commandPalette));
  const close = (): void => useView.getState().setCommandPalette(false);
  return (
    <Modal.Root opened={opened} onClose={close} returnFocus={false} padding={0} size={620} yOffset="12vh" centered={false} transitionProps={{ duration: 100, exitDuration: 0 }}>
      <Modal.Overlay />
      <Modal.Content aria-label={text("finding.palette.title")}>
        <Modal.Body>
          {opened && (
            <div data-testid="command-palette">
              <Search onDone={close} />
            </div>
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** Back to what had the focus: before what is chosen is done, which may put it elsewhere; without a choice when this is gone. */
function useFocusBack(): () => void {
  const [before] = useState(() => document.activeElement);
  const goBack = useCallback((): void => {
    if (before instanceof HTMLElement && before !== document.body) before.focus({ preventScroll: true });
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }, [before]);
  useEffect(
    () => () => {
      if (document.activeElement === null || document.activeElement === document.body) goBack();
    },
    [goBack],
  );
  return goBack;
}

function Search({ onDone }: { onDone: () => void }) {
  const text = useText();
  const goBack = useFocusBack();
  const typed = useView((state) => state.sought);
  const entries = useEntries(typed);
  const here = useMemo(() => ranked(entries, typed).slice(0, MOST), [entries, typed]);
  const { entries: there, isAsking, isRefused } = useFound(typed, here);
  const found = [...here, ...there];
  const box = useCombobox({ opened: true });
  const { selectFirstOption, updateSelectedOptionIndex } = box;
  const groups = [...new Set(found.map((each) => each.group))];
  const order = groups.flatMap((group) => found.filter((each) => each.group === group).map((each) => each.id)).join(" ");
  const chosenFor = useRef("");
  // What the server finds comes later: whatever was chosen by then stays chosen, wherever it stands now.
  useEffect(() => {
    if (chosenFor.current !== typed || order === "") {
      chosenFor.current = order === "" ? "" : typed;
      if (typed !== "") selectFirstOption();
    } else updateSelectedOptionIndex("selected");
  }, [typed, order, selectFirstOption, updateSelectedOptionIndex]);
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    onDone();
    goBack();
    entry.perform();
  };
  return (
    <Combobox store={box} onOptionSubmit={(id) => choose(found.find((each) => each.id === id))}>
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          data-autofocus
          role="combobox"
          size="md"
          variant="unstyled"
          className={style.input}
          leftSection={<IconSearch size={17} />}
          placeholder={text("finding.palette.placeholder")}
          aria-label={text("finding.palette.placeholder")}
          value={typed}
          onKeyDownCapture={(event) => {
            if (event.key === "Escape") onDone();
          }}
          onChange={(event) => useView.getState().seek(event.currentTarget.value)}
        />
      </Combobox.EventsTarget>
      <Combobox.Options className={style.options} aria-label={text("finding.palette.title")}>
        {found.length === 0 && <Combobox.Empty>{text(isAsking ? "finding.asking" : "finding.palette.none")}</Combobox.Empty>}
        {groups.map((group) => (
          <Combobox.Group key={group} label={group}>
            {found
              .filter((each) => each.group === group)
              .map((entry) => (
                <Combobox.Option key={entry.id} value={entry.id} className={style.option}>
                  <span className={style.icon}>{entry.icon}</span>
                  <span className={style.name}>{entry.name}</span>
                  {entry.detail !== undefined && <span className={style.detail}>{entry.detail}</span>}
                  {entry.keys !== undefined && <Kbd keys={entry.keys} />}
                </Combobox.Option>
              ))}
          </Combobox.Group>
        ))}
      </Combobox.Options>
      {isRefused && (
        <p className={style.refused} role="status">
          {text("finding.refused")}
        </p>
      )}
    </Combobox>
  );
}
