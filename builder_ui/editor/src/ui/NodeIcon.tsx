import {
  IconApi, IconArrowsJoin, IconArrowsSplit, IconArrowsSplit2, IconBell, IconBolt, IconBox, IconBraces, IconBrandPython, IconCalendarTime,
  IconCheckbox, IconClock, IconCode, IconDatabase, IconFilter, IconFlag, IconForms, IconHandStop, IconLifebuoy, IconListDetails, IconLock, IconMail,
  IconPencil, IconPlayerPlay, IconPlayerStop, IconRepeat, IconRotateClockwise2, IconRouteAltLeft, IconShieldCheck, IconSql, IconStack2, IconSum, IconTransform,
  IconVariable, IconWebhook, IconWorld, type Icon,
} from "@tabler/icons-react";
import { createElement, useEffect, useState } from "react";
import shapesAddress from "@tabler/icons/tabler-nodes-outline.json?url";

/** The icons of the built-in node types, in the first bundle. Any other name of Tabler's is fetched when it is met. */
const NEAR: Record<string, Icon> = {
  api: IconApi, "arrows-join": IconArrowsJoin, "arrows-split": IconArrowsSplit, "arrows-split-2": IconArrowsSplit2, bell: IconBell,
  bolt: IconBolt, box: IconBox, braces: IconBraces, "brand-python": IconBrandPython, "calendar-time": IconCalendarTime,
  checkbox: IconCheckbox, clock: IconClock, code: IconCode, database: IconDatabase, filter: IconFilter, flag: IconFlag, forms: IconForms,
  "hand-stop": IconHandStop, lifebuoy: IconLifebuoy, "list-details": IconListDetails, lock: IconLock, mail: IconMail, pencil: IconPencil,
  "player-play": IconPlayerPlay, "player-stop": IconPlayerStop, repeat: IconRepeat, "rotate-clockwise-2": IconRotateClockwise2, "route-alt-left": IconRouteAltLeft,
  "shield-check": IconShieldCheck, sql: IconSql, "stack-2": IconStack2, sum: IconSum, transform: IconTransform, variable: IconVariable,
  webhook: IconWebhook, world: IconWorld,
};

export type Shape = [tag: string, attributes: Record<string, string>];
let far: Promise<Record<string, Shape[]>> | null = null;
/** The shapes of all icons, by their Tabler names. */
export const fetchShapes = () => (far ??= fetch(shapesAddress).then((answer) => answer.json() as Promise<Record<string, Shape[]>>));

/** The icon of a node type by its Tabler name. */
export function NodeIcon({ name, size = 18 }: { name: string; size?: number }) {
  const Near = NEAR[name];
  return Near !== undefined ? <Near size={size} stroke={1.7} aria-hidden /> : <FarIcon name={name} size={size} />;
}

function FarIcon({ name, size }: { name: string; size: number }) {
  const [shapes, setShapes] = useState<Shape[] | null>(null);
  useEffect(() => {
    let wanted = true;
    void fetchShapes().then((all) => {
      if (wanted) setShapes(all[name] ?? all["box"] ?? []);
    });
    return () => {
      wanted = false;
    };
  }, [name]);
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.7} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      {shapes?.map(([tag, attributes], at) => createElement(tag, { key: at, d: attributes.d }))}
    </svg>
  );
}
