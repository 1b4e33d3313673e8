import type { ReactNode } from "react";
import { useText } from "@/i18n";
import style from "./app.module.css";
import { CommandPalette } from "./CommandPalette";
import { HelpSheet } from "./HelpSheet";
import { OfflineBanner } from "./OfflineBanner";
import { Rail } from "./Rail";
import { useListening } from "./useListening";

/** What stands around every page: the rail, the palettes, and what is said to screen readers. */
export function Shell({ children }: { children: ReactNode }) {
  const text = useText();
  useListening();
  return (
    <div className={style.shell}>
      <a className={style.skip} href="#main">
        {text("app.skip")}
      </a>
      <OfflineBanner />
      <Rail />
      <main id="main" className={style.main} tabIndex={-1}>
        {children}
      </main>
      <CommandPalette />
      <HelpSheet />
    </div>
  );
}
