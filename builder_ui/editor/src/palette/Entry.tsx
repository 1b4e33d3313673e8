import type { NodeType } from "@/api/types";
import { CategoryIcon } from "@/ui/CategoryIcon";
import style from "./Palette.module.css";

/** A node type as the lists show it. */
export function Entry({ type }: { type: NodeType }) {
  return (
    <>
      <CategoryIcon category={type.category} icon={type.icon} size={30} />
      <span className={style.words}>
        <span className={style.label}>{type.label}</span>
        <span className={style.about}>{type.description || type.name}</span>
      </span>
    </>
  );
}
