/** The one door to the server: JSON both ways, the session's CSRF token, the workspace, and typed errors. */
import { withLists, type FlowDocument } from "@/document/types";
import type { Problem } from "./types";

/** What the server refused and why (RFC 9457). `status` is 0 where it could not be reached at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: Record<string, unknown> = {},
  ) {
    super(message);
  }

  get isOffline(): boolean {
    return this.status === 0;
  }

  /** What is wrong at which place. One that only repeats what the error itself says is no problem of anything shown. */
  get problems(): Problem[] {
    const told = Array.isArray(this.body.problems) ? (this.body.problems as Problem[]) : [];
    return told.filter((problem) => problem.message !== this.message);
  }

  get hint(): string {
    return typeof this.body.hint === "string" ? this.body.hint : "";
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** After so many ms without an answer the server counts as out of reach. */
  patience?: number;
  /** Let the request outlive the page (a last save as it closes). */
  keepalive?: boolean;
}

const WORKSPACE_KEY = "mulgil.workspace";

export const currentWorkspace = (): string | null => localStorage.getItem(WORKSPACE_KEY);

export function chooseWorkspace(id: string | null): void {
  if (id === null) localStorage.removeItem(WORKSPACE_KEY);
  else localStorage.setItem(WORKSPACE_KEY, id);
}

const metaOf = (name: string): string | undefined =>
  document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content || undefined;

function csrfToken(): string {
  return metaOf("csrf-token") ?? /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/** The nonce that style tags made at run time must carry under the pages' content policy. */
export const cspNonce = (): string | undefined =>
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.nonce || metaOf("csp-nonce");

function headersFor(method: Method, options: CallOptions): Headers {
  const headers = new Headers({ Accept: "application/json", ...options.headers });
  const language = document.documentElement.lang;
  if (language !== "") headers.set("Accept-Language", language);
  const workspace = currentWorkspace();
  if (workspace !== null) headers.set("X-Workspace", workspace);
  if (method !== "GET") headers.set("X-CSRFToken", csrfToken());
  if (options.body !== undefined) headers.set("Content-Type", "application/json");
  return headers;
}

function errorOf(response: Response, text: string): ApiError {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // A proxy may answer with a page of its own; its status still says enough.
  }
  const message = [body.detail, body.title].find((part) => typeof part === "string" && part !== "");
  const code = typeof body.code === "string" ? body.code : `http_${response.status}`;
  return new ApiError(response.status, code, typeof message === "string" ? message : response.statusText || code, body);
}

/** The answer with a document that has both its lists, where it tells one: a draft, a version, what a run goes by. */
function withDocument<T>(answer: T): T {
  const told = (answer as { document?: FlowDocument | null } | null)?.document;
  return typeof told === "object" && told !== null && "dsl" in told ? { ...answer, document: withLists(told) } : answer;
}

/** Call the server. Throws ApiError for every answer that isn't 2xx, and when there is no answer. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const signals = [options.signal, options.patience === undefined ? undefined : AbortSignal.timeout(options.patience)].filter((signal) => signal !== undefined);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: headersFor(method, options),
      body: options.body === undefined ? null : JSON.stringify(options.body),
      credentials: "same-origin",
      keepalive: options.keepalive ?? false,
      signal: signals.length > 1 ? AbortSignal.any(signals) : (signals[0] ?? null),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, "offline", "The server could not be reached.");
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text().catch(() => {
    // The line broke in the middle of the answer: as good as none.
    throw new ApiError(0, "offline", "The server could not be reached.");
  });
  if (!response.ok) throw errorOf(response, text);
  try {
    return withDocument(JSON.parse(text) as T);
  } catch {
    throw new ApiError(502, "no_json", "Something between here and the server answered in its place.");
  }
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>("GET", path, signal ? { signal } : {});
export const post = <T>(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<T> =>
  call<T>("POST", path, { body, headers });
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>("PUT", path, { body });
export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>("PATCH", path, { body });
export const remove = (path: string): Promise<void> => call<void>("DELETE", path);

/** A query string of what is set; lists are joined by commas. */
export function query(params: Record<string, string | number | boolean | string[] | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    search.set(key, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
