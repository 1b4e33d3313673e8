import { lazy, type ReactNode } from "react";
import { useText, withWords } from "@/i18n";
import { useView } from "@/store/view";
import { Late } from "@/ui/Late";
import { OVERLAYS } from "@/ui/theme";
import style from "./app.module.css";
import { OfflineBanner } from "./OfflineBanner";
import { Rail } from "./Rail";
import { useListening } from "./useListening";

const CommandPalette = lazy(() => withWords(import("./CommandPalette")).then((part) => ({ default: part.CommandPalette })));
const HelpSheet = lazy(() => withWords(import("./HelpSheet")).then((part) => ({ default: part.HelpSheet })));

/** What stands around every page: the rail, the palettes, and what is said to screen readers. */
export function Shell({ children }: { children: ReactNode }) {
  const text = useText();
  const palette = useView((state) => state.commandPalette);
  const help = useView((state) => state.help);
  useListening();
  return (
    <>
      <div className={style.shell}>
        <a className={style.skip} href="#main">
          {text("app.skip")}
        </a>
        <OfflineBanner />
        <Rail />
        <main id="main" className={style.main} tabIndex={-1}>
          {children}
        </main>
        <Late isOpen={palette}>
          <CommandPalette />
        </Late>
        <Late isOpen={help}>
          <HelpSheet />
        </Late>
      </div>
      <section id={OVERLAYS} aria-label={text("app.overlays")} />
    </>
  );
}
