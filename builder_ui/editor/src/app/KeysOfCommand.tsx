import { ActionIcon, Button } from "@mantine/core";
import { IconPencil, IconRestore, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { COMMANDS, useKeysOf, type Command } from "@/commands";
import { chordOf } from "@/commands/keyboard";
import { isFixed, takenBy, unfit, withKeys, type Unfit } from "@/commands/keys";
import { useText } from "@/i18n";
import { useKeys, type OwnKeys } from "@/store/keys";
import { Kbd } from "@/ui/Kbd";
import style from "./HelpSheet.module.css";

const MODIFIERS = new Set(["Control", "Alt", "Shift", "Meta", "CapsLock", "Dead", "Process"]);

type Asking = { kind: "no" } | { kind: "keys"; why: Unfit | null } | { kind: "conflict"; chord: string; others: readonly Command[] };
const NOT_ASKING: Asking = { kind: "no" };

/** A command and its keys: give it others, none, or those it came with. Keys that another has are not taken without asking. */
export function KeysOfCommand({ command, onKeep }: { command: Command; onKeep: (own: OwnKeys) => void }) {
  const text = useText();
  const own = useKeys((state) => state.own);
  const keys = useKeysOf()(command);
  const [asking, setAsking] = useState<Asking>(NOT_ASKING);
  const change = useRef<HTMLButtonElement>(null);
  const label = text(command.label);

  const end = (): void => {
    // The field that has the focus goes; whoever works by keyboard stays where it stood, before the next key comes.
    change.current?.focus();
    setAsking(NOT_ASKING);
  };
  const keep = (chords: readonly string[]): void => {
    onKeep(withKeys(own, command, chords, COMMANDS));
    end();
  };
  const onChord = (chord: string): void => {
    const why = unfit(chord, COMMANDS);
    const others = takenBy(chord, command, COMMANDS);
    if (why !== null) setAsking({ kind: "keys", why });
    else if (others.length > 0) setAsking({ kind: "conflict", chord, others });
    else keep([chord]);
  };

  return (
    <div className={style.editing} data-testid={`keys-${command.id}`} data-own={command.id in own || undefined}>
      <dt>{label}</dt>
      <dd>
        {asking.kind === "keys" ? (
          <Recorder label={text("keys.press", { command: label })} onChord={onChord} onEnd={end} onLeave={() => setAsking((now) => (now.kind === "keys" ? NOT_ASKING : now))} />
        ) : (
          <>
            {keys.length === 0 && <span className={style.none}>{text("keys.none")}</span>}
            {keys.slice(0, 2).map((each) => (
              <Kbd key={each} keys={each} />
            ))}
          </>
        )}
        {isFixed(command) ? (
          <span className={style.none}>{text("keys.fixed")}</span>
        ) : (
          <span className={style.actions}>
            <ActionIcon ref={change} size={24} aria-label={text("keys.changeOf", { command: label })} title={text("keys.changeOf", { command: label })} onClick={() => setAsking({ kind: "keys", why: null })}>
              <IconPencil size={14} />
            </ActionIcon>
            <ActionIcon size={24} disabled={keys.length === 0} aria-label={text("keys.removeOf", { command: label })} title={text("keys.removeOf", { command: label })} onClick={() => keep([])}>
              <IconTrash size={14} />
            </ActionIcon>
            <ActionIcon size={24} disabled={!(command.id in own)} aria-label={text("keys.resetOf", { command: label })} title={text("keys.resetOf", { command: label })} onClick={() => keep(command.keys)}>
              <IconRestore size={14} />
            </ActionIcon>
          </span>
        )}
      </dd>
      {asking.kind === "keys" && asking.why !== null && (
        <dd className={style.saying}>
          <p className={style.said} role="alert">
            {text(`keys.refused.${asking.why}`)}
          </p>
        </dd>
      )}
      {asking.kind === "conflict" && (
        <dd className={style.saying}>
          <div className={style.said} role="alert">
            <span>
              <Kbd keys={asking.chord} /> {text("keys.conflict", { commands: asking.others.map((other) => text(other.label)).join(", ") })}
            </span>
            <Button variant="light" color="accent" autoFocus onClick={() => keep([asking.chord])}>
              {text("keys.takeOver")}
            </Button>
            <Button variant="default" onClick={end}>
              {text("common.action.cancel")}
            </Button>
          </div>
        </dd>
      )}
    </div>
  );
}

/** Waits for keys to be pressed. Escape and leaving it change nothing. */
function Recorder(props: { label: string; onChord: (chord: string) => void; onEnd: () => void; onLeave: () => void }) {
  const text = useText();
  const box = useRef<HTMLButtonElement>(null);
  useEffect(() => box.current?.focus(), []);
  const onKey = (event: KeyboardEvent): void => {
    // Tab goes on to the next field here as everywhere.
    if (event.key === "Tab" && !event.ctrlKey && !event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") props.onEnd();
    else if (!MODIFIERS.has(event.key) || /^Key[A-Z]$/.test(event.code)) props.onChord(chordOf(event.nativeEvent));
  };
  return (
    <button ref={box} type="button" className={style.recorder} aria-label={props.label} data-mantine-stop-propagation="true" onKeyDown={onKey} onBlur={props.onLeave}>
      {text("keys.pressNow")}
    </button>
  );
}
