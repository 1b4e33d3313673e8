/** The node under the pointer while Shift is held; null while it is not, or while somebody types. */
import { useEffect, useState } from "react";

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function useHeldOver(): string | null {
  const [over, setOver] = useState<string | null>(null);
  useEffect(() => {
    let isHeld = false;
    const look = (): void => setOver(isHeld ? (document.querySelector<HTMLElement>(".react-flow__node:hover")?.dataset.id ?? null) : null);
    const onOver = (event: PointerEvent): void => {
      // A drag with Shift draws a selection; whoever presses a button looks at nothing else.
      isHeld &&= event.shiftKey && event.buttons === 0;
      look();
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Shift") return;
      isHeld = event.type === "keydown" && !event.ctrlKey && !event.altKey && !event.metaKey && !isTyping(event.target);
      look();
    };
    const end = (): void => {
      isHeld = false;
      look();
    };
    window.addEventListener("pointerover", onOver);
    window.addEventListener("pointerdown", end);
    window.addEventListener("keydown", onKey);
    window.addEventListener("keyup", onKey);
    window.addEventListener("blur", end);
    return () => {
      window.removeEventListener("pointerover", onOver);
      window.removeEventListener("pointerdown", end);
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("keyup", onKey);
      window.removeEventListener("blur", end);
    };
  }, []);
  return over;
}
