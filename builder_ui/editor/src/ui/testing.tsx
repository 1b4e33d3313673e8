/** A page for tests: the providers every component stands in, and a server of answers by address. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, vi } from "vitest";
import { speak, withWords } from "@/i18n";
import { theme } from "./theme";

/** Every test of the file gets an empty page in English at "/", without answers; what `client` knew is forgotten before. */
export function onFreshPages(client?: QueryClient): void {
  beforeEach(async () => {
    fillIn();
    client?.clear();
    await speak("en");
    await withWords(Promise.resolve());
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
    window.history.replaceState(null, "", "/");
  });
}

/** Without `client` it asks through one of its own. */
export function show(page: ReactNode, client = new QueryClient({ defaultOptions: { queries: { retry: false } } })) {
  return render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>{page}</QueryClientProvider>
    </MantineProvider>,
  );
}

/** What `/api/session/` answers somebody who may do this. */
export const sessionWith = (...permissions: string[]) => ({
  user: { id: 1, name: "ann", email: "", is_staff: false },
  workspace: { id: "w", slug: "w", name: "W", role: "admin" },
  workspaces: [],
  role: "admin",
  permissions,
  language: "en",
  languages: ["en", "ko"],
  theme: "auto",
  keys: {},
});

type Answer = unknown;

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** Answers requests by `METHOD /path` (without the query); what was asked is kept. Unknown addresses get 404. */
export function serve(answers: Record<string, Answer>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", (address: string, init: RequestInit = {}) => {
    const method = init.method ?? "GET";
    const path = new URL(address, "http://test").pathname;
    asked.push({ method, path, body: typeof init.body === "string" ? JSON.parse(init.body) : null });
    const found = answers[`${method} ${path}`];
    const status = found === undefined ? 404 : method === "POST" ? 201 : 200;
    return Promise.resolve(new Response(JSON.stringify(found ?? { code: "not_found", detail: "nothing here" }), { status }));
  });
  return asked;
}

/** What happy-dom lacks and Mantine asks for, and a socket that leads nowhere. */
export function fillIn(): void {
  const deaf = { addEventListener: () => undefined, removeEventListener: () => undefined };
  Object.defineProperty(document, "fonts", { configurable: true, value: deaf });
  vi.stubGlobal("matchMedia", (media: string) => ({ matches: false, media, ...deaf }));
  vi.stubGlobal("WebSocket", class { close(): void {} });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
}
