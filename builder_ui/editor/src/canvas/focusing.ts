/** Puts the focus on a card, which may still be out of view: cards stand only where one looks. */

/** Frames after which a card that has not come will not: it is more than any way across the canvas takes. */
const ON_ITS_WAY = 600;
/** What a person does meanwhile goes before. The focus alone says nothing of it: it is lost too when the card that had it is taken down. */
const ACTS = ["keydown", "pointerdown", "wheel"] as const;

let stop: (() => void) | null = null;

/** The card that has the focus, or holds what has it. */
export const focusedCard = (): string | null => document.activeElement?.closest<HTMLElement>(".react-flow__node")?.dataset.id ?? null;
const cardOf = (box: HTMLElement, id: string): HTMLElement | null => box.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);

/** At once where the card stands, else as soon as it does, unless somebody does something or another card is asked for meanwhile. */
export function focusOn(box: HTMLElement, id: string): void {
  stop?.();
  let frame = 0;
  const look = (frames: number): void => {
    const card = cardOf(box, id);
    card?.focus({ preventScroll: true });
    if (card !== null || frames === 0) stop?.();
    else frame = requestAnimationFrame(() => look(frames - 1));
  };
  const acts = new AbortController();
  stop = () => {
    cancelAnimationFrame(frame);
    acts.abort();
    stop = null;
  };
  for (const act of ACTS) window.addEventListener(act, () => stop?.(), { capture: true, passive: true, signal: acts.signal });
  look(ON_ITS_WAY);
}

/** In the next frame, once what had the focus is drawn away; whoever has put it somewhere meanwhile keeps it there. */
export function whenUnfocused(act: () => void): void {
  requestAnimationFrame(() => {
    if (document.activeElement === null || document.activeElement === document.body) act();
  });
}
