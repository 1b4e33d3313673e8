import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { stateNow } from "@/commands";
import { fitsAt, insertNode } from "@/commands/inserting";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView, type InsertAt } from "@/store/view";
import { Entry } from "./Entry";
import { byCategory, found } from "./search";
import style from "./Palette.module.css";

const WIDTH = 304;
const HEIGHT = 380;

function Open({ at }: { at: InsertAt }) {
  const text = useText();
  const catalogue = useEditor((state) => state.catalogue);
  const from = useEditor((state) => (at.from === undefined ? undefined : nodeOf(state.document, at.from.node)));
  const to = useEditor((state) => (at.to === undefined ? undefined : nodeOf(state.document, at.to)));
  // Whoever had the focus gets it back; a new node on the canvas has it instead.
  const [before] = useState(() => document.activeElement);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const types = useMemo(() => {
    const fitting = [...catalogue.values()].filter((type) => fitsAt(type, at));
    return query.trim() === "" ? byCategory(fitting).flatMap(([, group]) => group) : found(fitting, query);
  }, [catalogue, at, query]);
  const close = () => useView.getState().openInsert(null);

  useEffect(() => {
    const onDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) close();
    };
    // The press that opened it is over by the next frame.
    const frame = requestAnimationFrame(() => window.addEventListener("pointerdown", onDown, true));
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("pointerdown", onDown, true);
    };
  }, []);

  useEffect(() => {
    box.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  }, [active, types]);

  const choose = (index: number) => {
    const type = types[index];
    if (type === undefined) return;
    close();
    const id = insertNode(stateNow(), type.name, at);
    if (before instanceof HTMLElement && before.closest("[role=tree]") !== null) before.focus();
    else if (id !== null) useView.getState().canvas?.showAfter(id);
  };
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setActive((now) => Math.max(0, Math.min(types.length - 1, now + step)));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) choose(active);
    else if (event.key === "Escape") {
      close();
      if (before instanceof HTMLElement) before.focus();
    }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const left = Math.max(8, Math.min(at.screen.x, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(at.screen.y, window.innerHeight - HEIGHT - 8));
  return (
    <div ref={box} className={style.insert} style={{ left, top }} role="dialog" aria-label={text("palette.insert")} data-testid="insert-palette" onKeyDown={onKey}>
      <div className={style.head}>
        {from !== undefined && <span className={style.for}>{text("palette.insertAfter", { node: titleOf(from) })}</span>}
        {to !== undefined && <span className={style.for}>{text("palette.insertBefore", { node: titleOf(to) })}</span>}
        {at.edge !== undefined && <span className={style.for}>{text("palette.insertInto")}</span>}
        <TextInput
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="insert-list"
          aria-activedescendant={types[active] === undefined ? undefined : `insert-${active}`}
          aria-label={text("palette.search")}
          placeholder={text("palette.search")}
          leftSection={<IconSearch size={14} stroke={1.8} />}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
        />
      </div>
      <div className={style.list} role="listbox" id="insert-list" aria-label={text("palette.insert")}>
        {types.length === 0 && <p className={style.none}>{text("palette.none", { query })}</p>}
        {types.map((type, index) => (
          <div
            key={type.name}
            id={`insert-${index}`}
            role="option"
            aria-selected={index === active}
            className={style.item}
            data-active={index === active || undefined}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(index)}
          >
            <Entry type={type} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** The palette at the cursor: type to search, Enter inserts and wires. Only what fits is offered. */
export function InsertPalette() {
  const at = useView((state) => state.insert);
  return at === null ? null : <Open key={`${at.screen.x}:${at.screen.y}`} at={at} />;
}
