import { useEffect, useState } from "react";

/** Milliseconds: every run is queued until a worker takes it, and what passes within them needs no words. */
const BRIEF = 400;

/** Whether something has been so for more than a moment. */
export function useLasting(isSo: boolean): boolean {
  const [wasSo, setWasSo] = useState(false);
  useEffect(() => {
    if (!isSo) return;
    const timer = setTimeout(() => setWasSo(true), BRIEF);
    return () => {
      clearTimeout(timer);
      setWasSo(false);
    };
  }, [isSo]);
  return isSo && wasSo;
}
