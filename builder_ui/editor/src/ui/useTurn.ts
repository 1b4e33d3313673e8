import { useEffect, useState } from "react";

const line = new Set<() => void>();
let frame = 0;

function next(): void {
  const [first] = line;
  frame = 0;
  if (first === undefined) return;
  line.delete(first);
  first();
  if (line.size > 0) frame = requestAnimationFrame(next);
}

/** Whether it is this part's turn to stand: of what is wanted at the same moment one part is drawn a frame. */
export function useTurn(isWanted: boolean): boolean {
  const [hasCome, setHasCome] = useState(false);
  useEffect(() => {
    if (!isWanted) return;
    const come = (): void => setHasCome(true);
    line.add(come);
    if (frame === 0) frame = requestAnimationFrame(next);
    return () => {
      line.delete(come);
      setHasCome(false);
    };
  }, [isWanted]);
  return isWanted && hasCome;
}
