/** A gallery of common expressions: each with what it gives, put in by a click. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import type { Json } from "@/document/types";
import { useText, type TextKey } from "@/i18n";
import { brief } from "@/ui/JsonTree";
import style from "./ExpressionField.module.css";
import recipes from "./recipes.json";

interface Recipe {
  id: string;
  text: string;
  input: Json;
  gives: Json;
}

export function Recipes({ onTake }: { onTake: (expression: string) => boolean }) {
  const text = useText();
  return (
    <Menu position="bottom-end" width={400} withinPortal returnFocus={false}>
      <Menu.Target>
        <ActionIcon size={22} className={style.recipes} aria-label={text("mapping.recipes")} title={text("mapping.recipes")}>
          <IconBook2 size={14} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah={360} className={style.gallery} aria-label={text("mapping.recipes")}>
        {(recipes as Recipe[]).map((recipe) => (
          <Menu.Item key={recipe.id} onClick={() => onTake(recipe.text)} data-testid={`recipe-${recipe.id}`}>
            <span className={style.title}>{text(`mapping.recipe.${recipe.id}` as TextKey)}</span>
            <code className={style.code}>{recipe.text}</code>
            <span className={style.gives}>→ {brief(recipe.gives)}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
