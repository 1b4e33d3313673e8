/** An object with some fields set and those given as `undefined` taken away; the fields' order is kept. */
export function patched<T extends object>(object: T, patch: { [K in keyof T]?: T[K] | undefined }): T {
  const next = { ...object } as Record<string, unknown>;
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) delete next[key];
    else next[key] = value;
  }
  return next as T;
}
