/** Who else has this flow open; a press goes to where they are. */
import { Tooltip } from "@mantine/core";
import { useText } from "@/i18n";
import { titleOf } from "@/document/types";
import type { Peer } from "@/api/notices";
import { useEditor } from "@/store/editor";
import { personsOf, usePeople } from "@/store/people";
import { useView } from "@/store/view";
import style from "./People.module.css";

const SHOWN = 4;

/** It stands before the words that take what room is left, so that whoever comes or goes moves no button. */
export function People() {
  const text = useText();
  const peers = usePeople((state) => state.peers);
  const persons = personsOf(peers);
  if (persons.length === 0) return null;
  const rest = persons.slice(SHOWN).map(({ name }) => name).join(", ");
  return (
    <ul className={style.people} aria-label={text("together.people.title")} data-testid="people">
      {persons.slice(0, SHOWN).map((person) => (
        <li key={person.person}>
          <Person person={person} />
        </li>
      ))}
      {rest !== "" && (
        <li>
          <Tooltip label={rest}>
            <span className={style.more} role="img" aria-label={rest}>
              +{persons.length - SHOWN}
            </span>
          </Tooltip>
        </li>
      )}
    </ul>
  );
}

function Person({ person }: { person: Peer }) {
  const text = useText();
  const at = useEditor((state) => state.document.nodes.find(({ id }) => id === person.selected[0]));
  const right = text(person.writes ? "together.people.writes" : "together.people.reads", { name: person.name });
  const said = at === undefined ? right : `${right} · ${text("together.people.on", { node: titleOf(at) })}`;
  return (
    <Tooltip label={said}>
      <button
        type="button"
        className={style.person}
        data-person={person.colour}
        data-reads={!person.writes || undefined}
        aria-label={said}
        onClick={() => at !== undefined && useView.getState().canvas?.show(at.id)}
      >
        {person.initials}
      </button>
    </Tooltip>
  );
}
