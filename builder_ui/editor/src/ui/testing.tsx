/** A page for tests: the providers every component stands in, and a server of answers by address. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { theme } from "./theme";

export function show(page: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>{page}</QueryClientProvider>
    </MantineProvider>,
  );
}

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

/** What happy-dom lacks and Mantine asks for. */
export function fillIn(): void {
  const deaf = { addEventListener: () => undefined, removeEventListener: () => undefined };
  Object.defineProperty(document, "fonts", { configurable: true, value: deaf });
  vi.stubGlobal("matchMedia", (media: string) => ({ matches: false, media, ...deaf }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
}
