/** Work that is done some frames from now, once: asked for again, it is done as it was asked last. */
export function inFrames(work: () => void) {
  let asked = 0;
  const wait = (frames: number): void => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => {
      asked = 0;
      if (frames > 1) wait(frames - 1);
      else work();
    });
  };
  return { wait, isAsked: () => asked !== 0, cancel: () => cancelAnimationFrame(asked) };
}
