/** What two people changed alike: mine stand until I say otherwise. Each is shown with both values and settled by a click. */
import { Button, Popover } from "@mantine/core";
import { IconArrowsSplit2 } from "@tabler/icons-react";
import { useText } from "@/i18n";
import { labelled } from "@/commands";
import type { Conflict } from "@/document/merge";
import { nodeOf, titleOf } from "@/document/types";
import { useEditor } from "@/store/editor";
import { useSaving } from "@/store/saving";
import style from "./Conflicts.module.css";

export function Conflicts() {
  const text = useText();
  const conflicts = useSaving((state) => state.conflicts);
  if (conflicts.length === 0) return null;
  return (
    <Popover position="bottom-start" width={420} withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button className={style.button} leftSection={<IconArrowsSplit2 size={15} />} data-testid="conflicts">
          {text("together.conflicts.open", { count: conflicts.length })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={style.about}>{text("together.conflicts.about")}</p>
        <ul className={style.list}>
          {conflicts.map((conflict) => (
            <One key={JSON.stringify([conflict.of, conflict.path])} conflict={conflict} />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function One({ conflict }: { conflict: Conflict }) {
  const text = useText();
  const { settle } = useSaving.getState();
  const document = useEditor((state) => state.document);
  const node = conflict.of === null ? undefined : nodeOf(document, conflict.of);
  const name = node ? titleOf(node) : (conflict.of ?? text("together.conflicts.flow"));
  const { dispatch } = useEditor.getState();
  const takeTheirs = (): void => {
    const label = labelled("together.conflicts.took", { what: name });
    if (conflict.removed === undefined) dispatch({ kind: "put", of: conflict.of, path: conflict.path, value: conflict.theirs }, label);
    else if (conflict.of !== null) dispatch({ kind: "remove", nodes: [conflict.of] }, label);
    settle(conflict);
  };
  const isGoneElsewhere = conflict.removed !== undefined;
  return (
    <li className={style.one} data-testid="conflict">
      <button className={style.place} onClick={() => node && useEditor.getState().select({ nodes: [node.id] })}>
        <strong>{name}</strong> <code>{conflict.path.slice(conflict.path[0] === "config" ? 1 : 0).join(".")}</code>
      </button>
      {conflict.removed !== undefined ? (
        <p>{text(conflict.removed === "theirs" ? "together.conflicts.theyRemoved" : "together.conflicts.iRemoved")}</p>
      ) : (
        <dl>
          <dt>{text("together.conflicts.mine")}</dt>
          <dd>{shown(conflict.mine) ?? text("together.conflicts.nothing")}</dd>
          <dt>{text("together.conflicts.theirs")}</dt>
          <dd>{shown(conflict.theirs) ?? text("together.conflicts.nothing")}</dd>
        </dl>
      )}
      <div className={style.ways}>
        <Button size="compact-xs" onClick={() => settle(conflict)}>
          {text(isGoneElsewhere ? "together.conflicts.keep" : "together.conflicts.keepMine")}
        </Button>
        <Button size="compact-xs" onClick={takeTheirs}>
          {text(isGoneElsewhere ? "together.conflicts.remove" : "together.conflicts.takeTheirs")}
        </Button>
      </div>
    </li>
  );
}

const shown = (value: unknown): string | null => (value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value));
