import type { Schemas } from "../api/client";

/** The change of a topic since a version, or its whole state. */
export type LiveUpdate = Schemas["LiveUpdate"];

/** From a tab to the shared stream. `subscription` is a number of the tab's own. */
export type Request =
  | { kind: "subscribe"; subscription: number; topic: string; version: string }
  | { kind: "unsubscribe"; subscription: number }
  /** Sent regularly: a tab that is silent for minutes is taken for closed. */
  | { kind: "alive" }
  | { kind: "leave" }
  /** Reconnect now: after a login, or when the tab is shown again. */
  | { kind: "retry" };

/** From the shared stream to a tab. */
export type Reply =
  | { kind: "update"; subscription: number; update: LiveUpdate }
  | { kind: "connection"; connection: Connection }
  /** The tab was taken for closed and must subscribe again. */
  | { kind: "forgotten" };

export interface Connection {
  state: "idle" | "connecting" | "open" | "lost";
  /** Time of the last message in ms since 1970; null before the first. */
  lastHeard: number | null;
}

/** A MessagePort, or what replaces it without a shared worker. */
export interface Port<Sent> {
  postMessage(message: Sent): void;
}
