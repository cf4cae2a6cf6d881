import type { Schemas } from "../api/client";

/** What the stream tells of a topic: its change since a version, or all of it. */
export type LiveUpdate = Schemas["LiveUpdate"];

/** What a tab tells the stream that all tabs share. `subscription` is the tab's own number. */
export type Request =
  | { kind: "subscribe"; subscription: number; topic: string; version: string }
  | { kind: "unsubscribe"; subscription: number }
  /** The tab is there: one that says nothing for minutes is taken for closed. */
  | { kind: "alive" }
  | { kind: "leave" }
  /** Try at once: somebody has logged in, or looks at the page again. */
  | { kind: "retry" };

/** What the shared stream tells a tab. */
export type Reply =
  | { kind: "update"; subscription: number; update: LiveUpdate }
  | { kind: "connection"; connection: Connection }
  /** The tab was taken for closed: it says anew what it follows. */
  | { kind: "forgotten" };

export interface Connection {
  state: "idle" | "connecting" | "open" | "lost";
  /** When something was heard last, in ms since 1970; null before the first time. */
  lastHeard: number | null;
}

/** The tab's end and the stream's end of what connects them: a MessagePort, or a stand-in for one. */
export interface Port<Sent> {
  postMessage(message: Sent): void;
}
