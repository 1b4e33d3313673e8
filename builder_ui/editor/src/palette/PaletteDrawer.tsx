import { ActionIcon, Button, Loader, TextInput } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconSearch } from "@tabler/icons-react";
import { memo, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useNodeTypes } from "@/api/queries";
import { stateNow } from "@/commands";
import { placeFor } from "@/commands/inserting";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { categoryText } from "./category";
import { Entry } from "./Entry";
import { byCategory, found } from "./search";
import { useCarry } from "./useCarry";
import style from "./Palette.module.css";

/** Where a type that is pressed, not dragged, goes. */
function placeForPress() {
  const state = stateNow();
  const middle = state.view.canvas?.pointer();
  return middle === undefined ? null : placeFor(state, { x: middle.x - 110, y: middle.y - 44 });
}

/** The drawer of node types: categories, search; each is dragged onto the canvas or pressed. */
export const PaletteDrawer = memo(function PaletteDrawer() {
  const text = useText();
  const { data, isPending, isError, refetch } = useNodeTypes();
  const [query, setQuery] = useState("");
  const asked = useDeferredValue(query);
  const readOnly = useEditor((state) => state.readOnly);
  const carry = useCarry();
  const groups = useMemo(() => byCategory(found(data ?? [], asked)), [data, asked]);

  useEffect(() => {
    if (data !== undefined) useEditor.getState().setCatalogue(data);
  }, [data]);

  return (
    <section className={style.drawer} aria-label={text("palette.title")} data-testid="palette">
      <div className={style.top}>
        <h2 className={style.title}>
          {text("palette.title")}
          <ActionIcon size={26} aria-label={text("palette.collapse")} title={text("palette.collapse")} onClick={() => useView.getState().setDrawer(false)}>
            <IconLayoutSidebarLeftCollapse size={16} stroke={1.7} />
          </ActionIcon>
        </h2>
        <TextInput
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          placeholder={text("palette.search")}
          aria-label={text("palette.search")}
          leftSection={<IconSearch size={14} stroke={1.8} />}
        />
      </div>
      <div className={style.list}>
        {isPending && <p className={style.none}><Loader size="xs" /> {text("palette.loading")}</p>}
        {isError && (
          <p className={style.none}>
            {text("palette.failed")} <Button onClick={() => void refetch()}>{text("palette.again")}</Button>
          </p>
        )}
        {data !== undefined && groups.length === 0 && <p className={style.none}>{text("palette.none", { query: asked })}</p>}
        {groups.map(([category, types]) => (
          <section key={category} aria-label={categoryText(text, category)}>
            <h3 className={style.category}>{categoryText(text, category)}</h3>
            {types.map((type) => (
              <button
                key={type.name}
                type="button"
                className={style.item}
                disabled={readOnly}
                data-testid={`type-${type.name}`}
                title={text("palette.dragHint")}
                onPointerDown={(event) => carry.begin(type.name, event)}
                onClick={() => carry.press(type.name, placeForPress)}
              >
                <Entry type={type} />
              </button>
            ))}
          </section>
        ))}
      </div>
    </section>
  );
});
