/** News that something of a list changed, without saying what: whoever shows the list asks for it again. */
import { currentWorkspace } from "./client";

export interface Notices {
  /** Tell those who have the same flow open where one is; lost while the line is down. */
  say: (here: Here) => void;
  close: () => void;
}

/** All that a window tells of itself; its name the server adds. */
export interface Here {
  selected: readonly string[];
  pointer: { x: number; y: number } | null;
}

/** A window that somebody else has open on the same flow. */
export interface Peer extends Here {
  key: string;
  person: number;
  name: string;
  initials: string;
  colour: number;
  writes: boolean;
}

/** Who hears of one flow. */
export interface FlowListener {
  /** The revision of the draft, whoever saved it. */
  onDraft: (revision: number) => void;
  /** What is another text whenever a version was published, released, taken out, proposed or decided on, by whomever. */
  onReleases: (mark: string) => void;
  onPeople: (here: readonly Peer[], gone: readonly string[]) => void;
  /** The line stands, or is down: then nobody is known to be here. */
  onLine: (isOpen: boolean) => void;
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
  releases?: string;
  here?: Peer[];
  gone?: string[];
}

/** Hear of every run of the workspace, or of one flow. `onNews` is also called while the line is down, now and then. */
export function followRuns(flow: string | null, onNews: () => void, listener?: FlowListener): Notices {
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
      listener?.onLine(true);
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as News;
      // Who never acknowledges is let go after a while.
      if (message.seq !== undefined) socket?.send(JSON.stringify({ type: "ack", seq: message.seq }));
      if (message.type === "people") {
        listener?.onPeople(message.here ?? [], message.gone ?? []);
        return;
      }
      if (message.type !== "ping") onNews();
      const revision = message.type === "flow" ? message.flow?.draft?.revision : undefined;
      if (revision !== undefined) listener?.onDraft(revision);
      if (message.releases !== undefined) listener?.onReleases(message.releases);
    };
    socket.onclose = () => {
      isOpen = false;
      if (isClosed) return;
      listener?.onLine(false);
      timer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  };
  connect();
  return {
    say: (here) => {
      if (isOpen) socket?.send(JSON.stringify({ type: "here", ...here }));
    },
    close: () => {
      isClosed = true;
      clearInterval(blind);
      clearTimeout(timer);
      socket?.close(1000);
    },
  };
}
