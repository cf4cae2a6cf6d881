import { useEffect, useRef, useSyncExternalStore } from "react";
import { askSession, waitForLogin } from "../api/session";
import { LiveStream } from "./liveStream";
import type { Connection, LiveUpdate, Port, Reply, Request } from "./messages";

interface Follower {
  topic: string;
  version: string;
  take: (update: LiveUpdate) => void;
}

const ALIVE_INTERVAL = 20_000;

/** A tab's connection to the live stream that all tabs share. */
class LiveClient {
  connection: Connection = { state: "idle", lastHeard: null };
  private port: Port<Request> | null = null;
  private number = 0;
  private readonly followers = new Map<number, Follower>();
  private readonly listeners = new Set<() => void>();

  /** Subscribes to a topic from `version` on; "" asks for its whole state first. Returns how to unsubscribe. */
  follow(topic: string, version: string, take: (update: LiveUpdate) => void): () => void {
    const subscription = ++this.number;
    this.followers.set(subscription, { topic, version, take });
    this.send({ kind: "subscribe", subscription, topic, version });
    return () => {
      this.followers.delete(subscription);
      this.send({ kind: "unsubscribe", subscription });
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private send(request: Request): void {
    this.port ??= this.connect();
    this.port.postMessage(request);
  }

  private connect(): Port<Request> {
    const receive = (reply: Reply) => this.receive(reply);
    window.addEventListener("pagehide", () => this.port?.postMessage({ kind: "leave" }));
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.resubscribe();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.port?.postMessage({ kind: "retry" });
    });
    window.setInterval(() => this.port?.postMessage({ kind: "alive" }), ALIVE_INTERVAL);
    return openPort(receive);
  }

  private receive(reply: Reply): void {
    if (reply.kind === "forgotten") this.resubscribe();
    else if (reply.kind === "connection") this.setConnection(reply.connection);
    else {
      const follower = this.followers.get(reply.subscription);
      if (follower === undefined) return;
      follower.version = reply.update.version;
      follower.take(reply.update);
    }
  }

  private resubscribe(): void {
    for (const [subscription, { topic, version }] of this.followers)
      this.send({ kind: "subscribe", subscription, topic, version });
  }

  private setConnection(connection: Connection): void {
    const wasLost = this.connection.state === "lost";
    this.connection = connection;
    for (const listener of this.listeners) listener();
    if (connection.state === "lost" && !wasLost) void this.waitForSession();
  }

  /** EventSource hides the status of a refusal: if the session is over, reconnects after the login. */
  private async waitForSession(): Promise<void> {
    await askSession();
    await waitForLogin();
    this.send({ kind: "retry" });
  }
}

/** The port of the shared worker; in browsers without one, a stream of this tab alone. */
function openPort(receive: (reply: Reply) => void): Port<Request> {
  if (typeof SharedWorker === "undefined") {
    const stream = new LiveStream();
    const end: Port<Reply> = { postMessage: receive };
    return { postMessage: (request) => stream.receive(end, request) };
  }
  const { port } = new SharedWorker(new URL("./streamWorker.ts", import.meta.url), {
    type: "module",
    name: "ridgeline-live",
  });
  port.onmessage = (message: MessageEvent<Reply>) => receive(message.data);
  return port;
}

export const live = new LiveClient();

/** Subscribes to a topic while the component is mounted. */
export function useTopic(topic: string | null, version: string, take: (update: LiveUpdate) => void): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    if (topic === null) return;
    return live.follow(topic, version, (update) => latest.current(update));
  }, [topic, version]);
}

export function useConnection(): Connection {
  return useSyncExternalStore(live.subscribe, () => live.connection);
}
