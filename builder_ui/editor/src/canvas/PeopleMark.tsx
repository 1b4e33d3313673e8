import { useText } from "@/i18n";
import { usePeopleAt } from "@/store/people";
import style from "./PeopleMark.module.css";

/** Somebody else has this node selected: a ring in their colour, and who it is. */
export function PeopleMark({ node }: { node: string }) {
  const text = useText();
  const people = usePeopleAt(node);
  const [first, ...others] = people;
  if (first === undefined) return null;
  const names = people.map(({ name }) => name).join(", ");
  return (
    <span className={style.ring} data-person={first.colour} data-testid={`people-${node}`}>
      <span className={style.name} role="img" title={names} aria-label={text("together.people.at", { names })}>
        <span className={style.words}>{first.name}</span>
        {others.length > 0 && ` +${others.length}`}
      </span>
    </span>
  );
}
