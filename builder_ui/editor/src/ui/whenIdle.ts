/** Milliseconds, where the browser doesn't tell when it is idle. */
const QUIET = 1_000;

/** Done while nothing else is, if it is not called off by what is answered. */
export function whenIdle(work: () => void): () => void {
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(work, QUIET);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(work);
  return () => cancelIdleCallback(asked);
}
