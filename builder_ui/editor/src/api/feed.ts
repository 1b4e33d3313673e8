/**
 * A live feed: a snapshot, then every event after it, in order and each once, across reconnects.
 *
 * It decides when to connect again and what to ask for; it refuses to know what an event means.
 */
import { currentWorkspace } from "./client";
import type { Run, RunEvent } from "./types";

export type FeedState = "connecting" | "live" | "waiting" | "refused" | "closed";

export interface FeedListener<S> {
  /** The state at `seq`. `reset` says that events between were passed over. */
  onSnapshot: (snapshot: S, seq: number, reset: boolean) => void;
  onEvents: (events: RunEvent[]) => void;
  onState?: (state: FeedState, retryAt: number | null) => void;
}

export interface Feed {
  /** Try to connect at once, where it waits to do so. */
  retry: () => void;
  close: () => void;
}

type Message<S> =
  | { type: "snapshot"; run: S; seq: number; reset?: boolean }
  | ({ type: "event" } & RunEvent)
  | { type: "ping" };

const FIRST_WAIT = 250;
const LONGEST_WAIT = 10_000;
/** The server's close codes that a new connection would only meet again. */
const REFUSED = new Set([4401, 4403, 4404]);

const addressOf = (path: string, after: number | null): string => {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (after !== null) url.searchParams.set("after", String(after));
  const workspace = currentWorkspace();
  if (workspace !== null) url.searchParams.set("workspace", workspace);
  return url.href;
};

/** Follow one run; `after` asks for the events that came before the snapshot too. */
export const followRun = (id: string, listener: FeedListener<Run>, after: number | null = 0): Feed =>
  follow(`/ws/runs/${id}/`, listener, after);

/** Milliseconds between two tellings: a fast run costs one drawing a frame. */
const FRAME = 16;

/** Milliseconds for which what comes after a quiet while waits for what was written with it. The events of one commit come
 *  as messages of their own, a moment apart: told by itself the first would have the others wait for its drawing and a frame. */
const BESIDE = 2;

export function follow<S>(path: string, listener: FeedListener<S>, after: number | null): Feed {
  let socket: WebSocket | null = null;
  let cursor = after;
  let wait = FIRST_WAIT;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let toldAt = -FRAME;
  let gathered: RunEvent[] = [];

  const acknowledge = () => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ack", seq: cursor ?? 0 }));
  };

  const flush = () => {
    frame = undefined;
    toldAt = performance.now();
    const events = gathered;
    gathered = [];
    if (events.length > 0) listener.onEvents(events);
    acknowledge();
  };

  const onMessage = (message: Message<S>) => {
    if (message.type === "snapshot") {
      if (gathered.length > 0) flush();
      const isReset = message.reset === true;
      if (isReset || cursor === null) cursor = message.seq;
      listener.onSnapshot(message.run, message.seq, isReset);
      acknowledge();
    } else if (message.type === "event" && (cursor === null || message.seq > cursor)) {
      cursor = message.seq;
      gathered.push(message);
      // A timer rather than an animation frame: a page in the background goes on acknowledging.
      frame ??= setTimeout(flush, Math.max(BESIDE, toldAt + FRAME - performance.now()));
    }
  };

  const onClose = (event: CloseEvent) => {
    socket = null;
    if (closed) return;
    if (REFUSED.has(event.code)) {
      listener.onState?.("refused", null);
      return;
    }
    const delay = wait * (0.5 + Math.random() / 2);
    listener.onState?.("waiting", Date.now() + delay);
    timer = setTimeout(connect, delay);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };

  const connect = () => {
    listener.onState?.("connecting", null);
    const opened = new WebSocket(addressOf(path, cursor));
    socket = opened;
    opened.onopen = () => {
      wait = FIRST_WAIT;
      listener.onState?.("live", null);
    };
    opened.onmessage = (event: MessageEvent<string>) => onMessage(JSON.parse(event.data) as Message<S>);
    opened.onclose = onClose;
  };

  const onOnline = () => {
    if (socket !== null || closed) return;
    clearTimeout(timer);
    wait = FIRST_WAIT;
    connect();
  };

  window.addEventListener("online", onOnline);
  connect();
  return {
    retry: onOnline,
    close: () => {
      closed = true;
      clearTimeout(timer);
      clearTimeout(frame);
      window.removeEventListener("online", onOnline);
      socket?.close(1000);
      listener.onState?.("closed", null);
    },
  };
}
