import type { Connection, LiveUpdate, Port, Reply, Request } from "./messages";
import { findOldest, hasReached } from "./versions";

interface Subscription {
  port: Port<Reply>;
  topic: string;
  version: string;
}

// Subscriptions that arrive within so many milliseconds share one reconnect.
const GATHER_PAUSE = 25;
// Unneeded topics are dropped after so many milliseconds: a reconnect costs more than they do.
const TIDY_PAUSE = 3000;
const PAUSE = 1000;
const LONGEST_PAUSE = 10_000;
// After so many heartbeats without a message the connection is lost.
const SILENT_HEARTBEATS = 2.2;
const FIRST_HEARTBEAT = 5000;
const SILENCE_CHECK = 500;
// A tab that is silent for longer is taken for closed; timers of hidden tabs run once a minute.
const SILENT_TAB = 200_000;

/** The one server-sent-events connection of all tabs. Runs in a shared worker. */
export class LiveStream {
  private readonly ports = new Map<Port<Reply>, number>();
  private readonly subscriptions = new Map<Port<Reply>, Map<number, Subscription>>();
  private connection: Connection = { state: "idle", lastHeard: null };
  private source: EventSource | null = null;
  /** The topics of the open stream, each with the version that it has reached. */
  private readonly carried = new Map<string, string>();
  /** Whether a subscription is missing from the open stream. */
  private isIncomplete = false;
  private heartbeat = FIRST_HEARTBEAT;
  /** When the stream was opened or last sent something, on the monotonic clock. */
  private lastMessage = 0;
  private pause = PAUSE;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setInterval> | undefined;

  receive(port: Port<Reply>, request: Request): void {
    if (request.kind === "leave") {
      this.removePort(port);
      return;
    }
    const isKnown = this.ports.has(port);
    this.ports.set(port, performance.now());
    if (!isKnown) {
      if (request.kind === "alive") port.postMessage({ kind: "forgotten" });
      port.postMessage({ kind: "connection", connection: this.connection });
    }
    if (request.kind === "subscribe") this.subscribe(port, request);
    else if (request.kind === "unsubscribe") this.unsubscribe(port, request.subscription);
    else if (request.kind === "retry" && this.connection.state === "lost") this.scheduleOpen(0);
  }

  private subscribe(
    port: Port<Reply>,
    { subscription, topic, version }: Request & { kind: "subscribe" },
  ): void {
    const own = this.subscriptions.get(port) ?? new Map<number, Subscription>();
    own.set(subscription, { port, topic, version });
    this.subscriptions.set(port, own);
    if (this.source !== null && version !== "" && this.carried.get(topic) === version) return;
    this.isIncomplete = true;
    // A lost connection has its own retry timer.
    if (this.connection.state !== "lost") this.scheduleOpen(GATHER_PAUSE);
  }

  private unsubscribe(port: Port<Reply>, subscription: number): void {
    this.subscriptions.get(port)?.delete(subscription);
    this.dropUnwanted();
  }

  private removePort(port: Port<Reply>): void {
    this.ports.delete(port);
    this.subscriptions.delete(port);
    this.dropUnwanted();
  }

  /** Closes the stream without subscriptions; drops topics that nobody needs. */
  private dropUnwanted(): void {
    const wanted = new Set(this.list().map((one) => one.topic));
    if (wanted.size === 0) this.close();
    else if (this.timer === undefined && [...this.carried.keys()].some((topic) => !wanted.has(topic)))
      this.scheduleOpen(TIDY_PAUSE);
  }

  private list(): Subscription[] {
    return [...this.subscriptions.values()].flatMap((own) => [...own.values()]);
  }

  private scheduleOpen(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), pause);
  }

  private open(): void {
    this.timer = undefined;
    const versions = new Map<string, string[]>();
    for (const { topic, version } of this.list())
      versions.set(topic, [...(versions.get(topic) ?? []), version]);
    const isTidy = [...this.carried.keys()].every((topic) => versions.has(topic));
    if (this.source !== null && !this.isIncomplete && isTidy) return;
    this.source?.close();
    this.source = null;
    if (versions.size === 0) {
      this.close();
      return;
    }
    this.carried.clear();
    this.isIncomplete = false;
    const topics: string[] = [];
    for (const [topic, own] of versions) {
      const version = findOldest(own);
      this.carried.set(topic, version);
      topics.push(version === "" ? topic : `${topic}#${version}`);
    }
    this.lastMessage = performance.now();
    if (this.connection.state === "idle") this.setState("connecting");
    this.listen(new EventSource(`/api/live?${new URLSearchParams({ topics: topics.join(" ") })}`));
    this.silenceTimer ??= setInterval(() => this.checkSilence(), SILENCE_CHECK);
  }

  private listen(source: EventSource): void {
    this.source = source;
    source.addEventListener("error", () => {
      // The browser's own reconnect would send outdated versions.
      if (this.source === source) this.loseConnection();
    });
    source.addEventListener("heartbeat", (message: MessageEvent<string>) => {
      if (this.source !== source) return;
      this.heartbeat = 1000 * (JSON.parse(message.data) as { seconds: number }).seconds;
      this.noteMessage();
    });
    source.addEventListener("update", (message: MessageEvent<string>) => {
      if (this.source !== source) return;
      this.noteMessage();
      this.forward(JSON.parse(message.data) as LiveUpdate);
    });
  }

  private noteMessage(): void {
    this.lastMessage = performance.now();
    this.pause = PAUSE;
    this.connection = { ...this.connection, lastHeard: Date.now() };
    if (this.connection.state !== "open") this.setState("open");
  }

  /** Detects connections that a proxy holds open without the server. */
  private checkSilence(): void {
    const now = performance.now();
    if (this.source !== null && now - this.lastMessage > SILENT_HEARTBEATS * this.heartbeat)
      this.loseConnection();
    for (const [port, seen] of this.ports) if (now - seen > SILENT_TAB) this.removePort(port);
  }

  private loseConnection(): void {
    this.source?.close();
    this.source = null;
    this.setState("lost");
    this.scheduleOpen(this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  private close(): void {
    this.source?.close();
    this.source = null;
    this.carried.clear();
    clearTimeout(this.timer);
    clearInterval(this.silenceTimer);
    this.timer = this.silenceTimer = undefined;
    this.pause = PAUSE;
    if (this.connection.state !== "idle") this.setState("idle");
  }

  private setState(state: Connection["state"]): void {
    this.connection = { ...this.connection, state };
    for (const port of this.ports.keys())
      port.postMessage({ kind: "connection", connection: this.connection });
  }

  /** Sends an update to the tabs that need it; a tab that missed an earlier one gets the whole topic. */
  private forward(update: LiveUpdate): void {
    const since = update.since ?? null;
    this.carried.set(update.topic, update.version);
    for (const [port, own] of this.subscriptions)
      for (const [number, subscription] of own) {
        if (subscription.topic !== update.topic || hasReached(subscription.version, update.version)) continue;
        if (since === null || subscription.version === since) {
          subscription.version = update.version;
          port.postMessage({ kind: "update", subscription: number, update });
        } else {
          subscription.version = "";
          this.isIncomplete = true;
          this.scheduleOpen(GATHER_PAUSE);
        }
      }
  }
}
