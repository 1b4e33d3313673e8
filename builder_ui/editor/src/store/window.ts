/**
 * Which window this is among those of the browser, and which of the others are still open.
 *
 * A window keeps its name across reloads. That it is open shows in a lock, which the browser lets go of by
 * itself when the window is gone. Browsers give no locks to pages on plain HTTP: there every other window
 * counts as closed, which only means that its work is taken in while it still stands.
 */
const NAME = "mulgil.window";
const lockOf = (name: string): string => `${NAME}.${name}`;
/** A page that is being reloaded lets go of its name a moment after the new one asks for it. */
const PATIENCE = 2_000;

const freshName = (): string => [...crypto.getRandomValues(new Uint32Array(2))].map((part) => part.toString(36)).join("");
/** Missing where the page came over plain HTTP, whatever the types say. */
const locks = (): LockManager | null => (navigator as { locks?: LockManager | null }).locks ?? null;

/** Hold the name as long as the window stands; false where another window holds it. */
function hold(name: string): Promise<boolean> {
  const manager = locks();
  if (manager === null) return Promise.resolve(true);
  return new Promise((answer) => {
    const forGood = () => {
      answer(true);
      return new Promise<never>(() => undefined);
    };
    manager.request(lockOf(name), { signal: AbortSignal.timeout(PATIENCE) }, forGood).catch(() => answer(false));
  });
}

async function named(): Promise<string> {
  const remembered = sessionStorage.getItem(NAME);
  // A window made as a copy of another has its memory too, but not its name.
  if (remembered !== null && (await hold(remembered))) return remembered;
  const name = freshName();
  sessionStorage.setItem(NAME, name);
  await hold(name);
  return name;
}

let name: Promise<string> | null = null;
export const thisWindow = (): Promise<string> => (name ??= named());

/** Says of a window's name whether that window is open. */
export async function openWindows(): Promise<(name: string) => boolean> {
  const held = new Set(((await locks()?.query())?.held ?? []).map((lock) => lock.name));
  return (other) => held.has(lockOf(other));
}
