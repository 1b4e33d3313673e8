import { useStoreApi } from "@xyflow/react";
import { memo, useEffect, useLayoutEffect, useMemo, useState } from "react";
import { useEditor } from "@/store/editor";
import type { Overlay } from "@/store/overlay";
import { whenIdle } from "@/ui/whenIdle";
import type { Scene } from "./drawn";
import edge from "./FlowEdge.module.css";
import { OnSheet } from "./OnSheet";
import { useScene } from "./scene";
import { useBeneath, useShown } from "./shown";
import { areArrowsAlike, areCardsAlike, arrowsBeneath, cardsBeneath, partsOf, type ArrowsSubject, type CardsSubject, type Kind, type Silhouette } from "./silhouettes";
import style from "./Silhouettes.module.css";

/** Milliseconds between two looks at a run that streams. Near by the cards stand over it: it is seen where a hand goes before they do. */
const PACE = { near: 640, far: 160 } as const;

/** The run as it stood a moment ago. */
function useOverlayLately(isFar: boolean): Overlay | null {
  const [overlay, setOverlay] = useState(() => useShown.getState().overlay);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const take = (): void => {
      timer = undefined;
      setOverlay(useShown.getState().overlay);
    };
    take();
    const end = useShown.subscribe((now, before) => {
      if (now.overlay !== before.overlay) timer ??= setTimeout(take, isFar ? PACE.far : PACE.near);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [isFar]);
  return overlay;
}

const CLASSES: Record<Kind, string | undefined> = { line: edge.line, tip: edge.tip, box: style.box, square: style.square };

/** What lies beneath all cards that stand, and is seen of those that don't: a few paths, which the sheet takes along. */
export function Silhouettes() {
  const isNeeded = useBeneath((state) => state.isNeeded);
  return isNeeded ? <Beneath /> : null;
}

function Beneath() {
  const canvas = useStoreApi().getState().domNode;
  const isFar = useShown((state) => state.isFar);
  const [isAhead, setAhead] = useState(false);
  useEffect(() => whenIdle(() => setAhead(true)), []);
  useLayoutEffect(() => {
    canvas?.setAttribute("data-silhouettes", "");
    return () => canvas?.removeAttribute("data-silhouettes");
  }, [canvas]);
  return (
    <OnSheet>
      {(!isFar || isAhead) && <Seen isFar={false} isSeen={!isFar} />}
      {(isFar || isAhead) && <Seen isFar isSeen={isFar} />}
    </OnSheet>
  );
}

/** Those of near by and those from afar both stand, for to make either takes longer than a frame; the others are left as they were. */
function Seen({ isFar, isSeen }: { isFar: boolean; isSeen: boolean }) {
  const scene = useScene((state) => state.scene);
  const catalogue = useEditor((state) => state.catalogue);
  // What an arrow can't lead to is see-through, and nothing is to be seen through it.
  const isConnecting = useShown((state) => state.connecting !== null);
  const { held, arrows } = useBeneath();
  const overlay = useOverlayLately(isFar);
  return <Paths {...{ scene, catalogue, overlay, isConnecting, held, arrows, isFar, isSeen }} />;
}

interface Drawn extends Omit<ArrowsSubject, "part">, Omit<CardsSubject, "part"> {
  scene: Scene;
  isConnecting: boolean;
  isSeen: boolean;
}

const Paths = memo(
  function Paths({ scene, isConnecting, isSeen, isFar, held, overlay, arrows, catalogue }: Drawn) {
    const parts = useMemo(() => partsOf(scene, isFar), [scene, isFar]);
    return (
      <svg className={style.silhouettes} data-testid={isSeen ? "silhouettes" : undefined} data-far={isFar || undefined} data-unseen={!isSeen || isConnecting || undefined} aria-hidden>
        {parts.map((part) => (
          <Arrows key={part.key} {...{ part, overlay, isFar, held, arrows }} />
        ))}
        {parts.map((part) => (
          <Cards key={part.key} {...{ part, overlay, isFar, held, catalogue }} />
        ))}
      </svg>
    );
  },
  (before, after) => !before.isSeen && !after.isSeen,
);

const drawn = (silhouettes: Silhouette[], isFar: boolean) =>
  silhouettes.map(({ key, kind, looks, d }) => <path key={key} className={CLASSES[kind]} {...looks} data-far={isFar || undefined} d={d} />);

const Arrows = memo((subject: ArrowsSubject) => drawn(arrowsBeneath(subject), subject.isFar), areArrowsAlike);
const Cards = memo((subject: CardsSubject) => drawn(cardsBeneath(subject), subject.isFar), areCardsAlike);
