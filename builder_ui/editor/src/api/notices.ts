/** News that something of a list changed, without saying what: whoever shows the list asks for it again. */
import { currentWorkspace } from "./client";

export interface Notices {
  close: () => void;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** How often lists are asked for while no news can come. */
const BLIND_LOOK = 5_000;

const addressOf = (path: string): string => {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const workspace = currentWorkspace();
  if (workspace !== null) url.searchParams.set("workspace", workspace);
  return url.href;
};

interface News {
  type?: string;
  seq?: number;
  flow?: { draft?: { revision: number } };
}

/**
 * Hear of every run of the workspace, or of one flow. `onNews` is also called while the line is down, now and then;
 * `onDraft` with the revision of the flow's draft, whoever saved it.
 */
export function followRuns(flow: string | null, onNews: () => void, onDraft?: (revision: number) => void): Notices {
  const path = flow === null ? "/ws/runs/" : `/ws/flows/${flow}/`;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT;
  let isOpen = false;
  let isClosed = false;
  const blind = setInterval(() => {
    if (!isOpen && document.visibilityState === "visible") onNews();
  }, BLIND_LOOK);

  const connect = (): void => {
    socket = new WebSocket(addressOf(path));
    socket.onopen = () => {
      isOpen = true;
      wait = FIRST_WAIT;
      onNews();
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as News;
      // Who never acknowledges is let go after a while.
      if (message.seq !== undefined) socket?.send(JSON.stringify({ type: "ack", seq: message.seq }));
      if (message.type !== "ping") onNews();
      const revision = message.type === "flow" ? message.flow?.draft?.revision : undefined;
      if (revision !== undefined) onDraft?.(revision);
    };
    socket.onclose = () => {
      isOpen = false;
      if (isClosed) return;
      timer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  };
  connect();
  return {
    close: () => {
      isClosed = true;
      clearInterval(blind);
      clearTimeout(timer);
      socket?.close(1000);
    },
  };
}
