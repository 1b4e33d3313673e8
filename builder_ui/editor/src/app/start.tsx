/** The program's beginning: styles, the language, and the page. */
import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "@/ui/mantine.css";
import "@/ui/tokens.css";
import "@/ui/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { nearestLanguage, speak } from "@/i18n";
import { styleNonce } from "@/ui/nonce";
import { App } from "./App";

/** What the server wrote into the page: who is signed in, and the language of the session. */
function bootstrapLanguage(): string {
  const text = document.getElementById("bootstrap")?.textContent;
  const told = text ? (JSON.parse(text) as { language?: string }) : {};
  return told.language ?? document.documentElement.lang;
}

export async function start(): Promise<void> {
  // The lock on scrolling behind dialogs makes a style tag, and asks for its nonce by this name.
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
  await speak(nearestLanguage(bootstrapLanguage()));
  const root = document.getElementById("root");
  if (root === null) throw new Error("the page has no #root");
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
