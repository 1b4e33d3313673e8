import type { Guide } from "@/document/align";
import { useMoving } from "./moving";
import { useGuides } from "./shown";
import { OnSheet } from "./OnSheet";
import style from "./Guides.module.css";

/** The lines that what is dragged shares with its neighbours, and the space between them. */
export function Guides() {
  const guides = useGuides((state) => state.guides);
  const zoom = useMoving((view) => view.zoom);
  if (guides.length === 0) return null;
  return (
    <OnSheet>
      {guides.map((guide) => (
        <Line key={guide.axis} guide={guide} zoom={zoom} />
      ))}
    </OnSheet>
  );
}

function Line({ guide: { axis, at, from, to, gap }, zoom }: { guide: Guide; zoom: number }) {
  const place = (along: number, across: number): string => (axis === "x" ? `translate(${across}px, ${along}px)` : `translate(${along}px, ${across}px)`);
  // A pixel that is stretched: another width would have the page laid out.
  const length = axis === "x" ? `scale(${1 / zoom}, ${to - from})` : `scale(${to - from}, ${1 / zoom})`;
  return (
    <div aria-hidden data-testid={`guide-${axis}`}>
      <i className={style.line} style={{ transform: `${place(from, at)} ${length}` }} />
      {gap !== null && (
        <b className={style.gap} style={{ transform: `${place((gap.from + gap.to) / 2, at)} scale(${1 / zoom})` }}>
          <span>{Math.round(gap.to - gap.from)}</span>
        </b>
      )}
    </div>
  );
}
