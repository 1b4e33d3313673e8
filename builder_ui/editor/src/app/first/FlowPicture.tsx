import { useMemo } from "react";
import { pictureOf } from "@/document/picture";
import type { FlowDocument } from "@/document/types";
import style from "./first.module.css";

/** A flow drawn small from its own document: what it looks like, not what it says. */
export function FlowPicture({ document, category }: { document: FlowDocument; category: (type: string) => string }) {
  const { view, frames, cards, notes, arrows } = useMemo(() => pictureOf(document), [document]);
  return (
    <svg className={style.picture} viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`} preserveAspectRatio="xMidYMid meet" aria-hidden>
      {notes.map((note) => (
        <rect key={`${note.x}:${note.y}`} className={style.pictureNote} x={note.x} y={note.y} width={note.width} height={note.height} rx={10} />
      ))}
      {frames.map((frame) => (
        <rect key={frame.id} className={style.pictureFrame} x={frame.x} y={frame.y} width={frame.width} height={frame.height} rx={14} />
      ))}
      {arrows.map((arrow) => (
        <path key={arrow.key} className={style.pictureArrow} data-undo={arrow.isUndo || undefined} d={arrow.path} />
      ))}
      {cards.map((card) => (
        <g key={card.id} data-category={category(card.type)} className={style.pictureCard}>
          <rect x={card.x} y={card.y} width={card.width} height={card.height} rx={14} />
          <rect className={style.pictureIcon} x={card.x + 16} y={card.y + 16} width={36} height={36} rx={9} />
          <rect className={style.pictureWord} x={card.x + 66} y={card.y + 20} width={Math.min(136, 30 + card.title.length * 6)} height={11} rx={5} />
          <rect className={style.pictureLine} x={card.x + 66} y={card.y + 40} width={Math.min(128, 24 + card.title.length * 5)} height={8} rx={4} />
        </g>
      ))}
    </svg>
  );
}
