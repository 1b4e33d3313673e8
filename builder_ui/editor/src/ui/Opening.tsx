import { Suspense, type ReactNode } from "react";

/** Around a dialog whose program is still to be loaded: from the moment it is asked for the page behind it hears no keys (`listenToKeys`). */
export function Opening({ children }: { children: ReactNode }) {
  return <Suspense fallback={<i hidden data-opening />}>{children}</Suspense>;
}
