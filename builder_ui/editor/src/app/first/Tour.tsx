/** A walk through the editor: a card beside each region in turn. It holds nothing up; Escape ends it. */
import { Button } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useText } from "@/i18n";
import { useView } from "@/store/view";
import style from "./first.module.css";
import { keepTourKnown, STATIONS, type Station } from "./tourSteps";

const CARD = { width: 320, height: 190 };
const GAP = 14;

interface Place {
  ring: { left: number; top: number; width: number; height: number };
  card: { left: number; top: number };
}

const targetOf = (station: Station): Element | undefined => station.targets.map((selector) => document.querySelector(selector)).find((element) => element !== null) ?? undefined;

/** Beside what is shown, on whichever side there is room; in the middle of it where there is none. */
function placeOf(station: Station): Place | null {
  const box = targetOf(station)?.getBoundingClientRect();
  if (box === undefined) return null;
  const [width, height] = [window.innerWidth, window.innerHeight];
  const ring = { left: box.left - 4, top: box.top - 4, width: box.width + 8, height: box.height + 8 };
  const clamp = (value: number, room: number): number => Math.max(12, Math.min(value, room - 12));
  const top = clamp(box.top, height - CARD.height);
  if (box.right + GAP + CARD.width < width) return { ring, card: { left: box.right + GAP, top } };
  if (box.left - GAP - CARD.width > 0) return { ring, card: { left: box.left - GAP - CARD.width, top } };
  const below = box.bottom + GAP + CARD.height < height ? box.bottom + GAP : box.top + box.height / 2;
  return { ring, card: { left: clamp(box.left + box.width / 2 - CARD.width / 2, width - CARD.width), top: clamp(below, height - CARD.height) } };
}

export function Tour() {
  const text = useText();
  const [at, setAt] = useState(0);
  const [place, setPlace] = useState<Place | null>(null);
  const card = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  const station = STATIONS[at];
  const isLast = at === STATIONS.length - 1;
  const end = (): void => {
    keepTourKnown();
    useView.getState().setTour(false);
  };
  const step = (by: number): void => setAt((now) => Math.max(0, Math.min(STATIONS.length - 1, now + by)));

  useLayoutEffect(() => {
    const measure = (): void => setPlace(station === undefined ? null : placeOf(station));
    measure();
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, [station]);

  useEffect(() => {
    before.current ??= document.activeElement;
    card.current?.querySelector<HTMLElement>("[data-next]")?.focus({ preventScroll: true });
  }, [at]);

  // Focus goes back to where it was, if that still stands.
  useEffect(
    () => () => {
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus({ preventScroll: true });
    },
    [],
  );

  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key === "Escape") end();
    else if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (station === undefined) return null;
  return (
    <>
      {place !== null && <div className={style.ring} style={place.ring} aria-hidden />}
      <div ref={card} className={style.tour} style={place?.card ?? { left: 24, top: 72 }} role="dialog" aria-labelledby="tour-title" aria-describedby="tour-words" data-testid="tour" onKeyDown={onKey}>
        <span className={style.count}>{text("samples.tour.count", { at: at + 1, of: STATIONS.length })}</span>
        <h2 id="tour-title">{text(station.title)}</h2>
        <p id="tour-words">{text(station.words)}</p>
        <footer>
          <Button size="compact-sm" variant="subtle" onClick={end}>
            {text("samples.tour.end")}
          </Button>
          <span className={style.spring} />
          {at > 0 && (
            <Button size="compact-sm" onClick={() => step(-1)}>
              {text("samples.tour.back")}
            </Button>
          )}
          <Button size="compact-sm" variant="filled" data-next onClick={() => (isLast ? end() : step(1))}>
            {text(isLast ? "samples.tour.done" : "samples.tour.next")}
          </Button>
        </footer>
      </div>
    </>
  );
}
