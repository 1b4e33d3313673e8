import { NodeIcon } from "./NodeIcon";
import style from "./CategoryIcon.module.css";

/** A node type's icon on the tint of its category. */
export function CategoryIcon({ category, icon, size = 34 }: { category: string; icon: string; size?: number }) {
  return (
    <span className={style.icon} data-category={category} style={{ width: size, height: size }}>
      <NodeIcon name={icon} size={Math.round(size * 0.55)} />
    </span>
  );
}
