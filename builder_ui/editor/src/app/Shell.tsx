import { lazy, Suspense, useState, type ReactNode } from "react";
import { useText, withWords } from "@/i18n";
import { useView, type ViewState } from "@/store/view";
import style from "./app.module.css";
import { OfflineBanner } from "./OfflineBanner";
import { Rail } from "./Rail";
import { useListening } from "./useListening";

const CommandPalette = lazy(() => withWords(import("./CommandPalette")).then((part) => ({ default: part.CommandPalette })));
const HelpSheet = lazy(() => withWords(import("./HelpSheet")).then((part) => ({ default: part.HelpSheet })));

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
      <Opened when={(view) => view.commandPalette}>
        <CommandPalette />
      </Opened>
      <Opened when={(view) => view.help}>
        <HelpSheet />
      </Opened>
    </div>
  );
}

/** A part that is loaded when it is first opened, and stays from then on: it gives the focus back when it closes. */
function Opened({ when, children }: { when: (view: ViewState) => boolean; children: ReactNode }) {
  const isOpen = useView(when);
  const [wasOpen, setWasOpen] = useState(false);
  if (isOpen && !wasOpen) setWasOpen(true);
  return wasOpen && <Suspense>{children}</Suspense>;
}
