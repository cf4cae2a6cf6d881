import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LiveStream } from "./liveStream";
import type { LiveUpdate, Port, Reply } from "./messages";
import { findOldest, hasReached } from "./versions";

/** What a browser does with a stream, as far as this page looks at it. */
class Source {
  static opened: Source[] = [];
  isClosed = false;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();

  constructor(readonly url: string) {
    Source.opened.push(this);
  }

  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(name, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  say(name: "heartbeat" | "update" | "error", data: object = {}): void {
    this.listeners.get(name)?.({ data: JSON.stringify(data) });
  }

  get topics(): string[] {
    return new URL(this.url, "http://localhost").searchParams.get("topics")?.split(" ") ?? [];
  }
}

class Tab implements Port<Reply> {
  replies: Reply[] = [];

  postMessage(reply: Reply): void {
    this.replies.push(reply);
  }

  get states(): string[] {
    return this.replies.flatMap((reply) => (reply.kind === "connection" ? [reply.connection.state] : []));
  }

  get versions(): string[] {
    return this.replies.flatMap((reply) => (reply.kind === "update" ? [reply.update.version] : []));
  }
}

const newest = (): Source => Source.opened.at(-1) as Source;
const change = (topic: string, since: string | null, version: string) =>
  ({ topic, version, ...(since === null ? {} : { since }) }) as LiveUpdate;

let stream: LiveStream;

/** A tab that follows one topic. */
function follow(topic: string, version = "", subscription = 1): Tab {
  const tab = new Tab();
  stream.receive(tab, { kind: "subscribe", subscription, topic, version });
  return tab;
}

beforeEach(() => {
  Source.opened = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Source);
  stream = new LiveStream();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("one stream for all tabs", () => {
  test("is opened once for what twenty tabs ask for, and closed behind the last", () => {
    const tabs = Array.from({ length: 20 }, (_, index) => follow(`${1 + (index % 3)}/curves`, "a.1"));
    vi.advanceTimersByTime(100);
    expect(Source.opened).toHaveLength(1);
    expect(newest().topics).toEqual(["1/curves#a.1", "2/curves#a.1", "3/curves#a.1"]);
    newest().say("update", change("2/curves", "a.1", "a.2"));
    expect(tabs.map((tab) => tab.versions.length)).toEqual(tabs.map((_, index) => (index % 3 === 1 ? 1 : 0)));
    for (const tab of tabs.slice(0, 19)) stream.receive(tab, { kind: "leave" });
    vi.advanceTimersByTime(3500);
    expect(newest().topics).toEqual(["2/curves#a.2"]);
    stream.receive(tabs[19] as Tab, { kind: "leave" });
    expect(newest().isClosed).toBe(true);
  });

  test("a tab at the version that the stream has needs no new one; one behind it is brought up to date", () => {
    const first = follow("1/curves", "a.1");
    vi.advanceTimersByTime(100);
    newest().say("update", change("1/curves", "a.1", "a.2"));
    const second = follow("1/curves", "a.2");
    vi.advanceTimersByTime(100);
    expect(Source.opened).toHaveLength(1);
    const third = follow("1/curves", "a.1");
    vi.advanceTimersByTime(100);
    expect(newest().topics).toEqual(["1/curves#a.1"]);
    newest().say("update", change("1/curves", "a.1", "a.2"));
    newest().say("update", change("1/curves", "a.2", "a.3"));
    expect([first.versions, second.versions, third.versions]).toEqual([
      ["a.2", "a.3"],
      ["a.3"],
      ["a.2", "a.3"],
    ]);
  });

  test("who lacks what lies before a change is told everything", () => {
    const tab = follow("1/curves", "a.1");
    vi.advanceTimersByTime(100);
    newest().say("update", change("1/curves", "b.7", "b.8"));
    expect(tab.versions).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(newest().topics).toEqual(["1/curves"]);
    newest().say("update", change("1/curves", null, "b.9"));
    expect(tab.versions).toEqual(["b.9"]);
  });

  test("a tab that leaves one topic for another keeps the stream's place", () => {
    const tab = follow("1/curves", "a.1");
    vi.advanceTimersByTime(100);
    newest().say("update", change("1/curves", "a.1", "a.5"));
    stream.receive(tab, { kind: "subscribe", subscription: 2, topic: "1/weights", version: "w.1" });
    vi.advanceTimersByTime(100);
    expect(newest().topics).toEqual(["1/curves#a.5", "1/weights#w.1"]);
  });

  test("a tab that says nothing for minutes is taken for closed, and says anew what it follows if it was not", () => {
    const tab = follow("1/curves", "a.1");
    vi.advanceTimersByTime(100);
    for (let second = 0; second < 300; second++) {
      newest().say("heartbeat", { seconds: 5 });
      vi.advanceTimersByTime(1000);
    }
    expect(newest().isClosed).toBe(true);
    stream.receive(tab, { kind: "alive" });
    expect(tab.replies).toContainEqual({ kind: "forgotten" });
  });
});

describe("a connection", () => {
  test("that is silent beyond two heartbeats is lost, and is opened anew from where it was", () => {
    const tab = follow("1/curves", "a.1");
    vi.advanceTimersByTime(100);
    newest().say("heartbeat", { seconds: 5 });
    newest().say("update", change("1/curves", "a.1", "a.2"));
    vi.advanceTimersByTime(10_000);
    expect(tab.states.at(-1)).toBe("open");
    const frozen = newest();
    vi.advanceTimersByTime(1600);
    expect(tab.states.at(-1)).toBe("lost");
    expect(frozen.isClosed).toBe(true);
    const lost = tab.replies.at(-1);
    expect(lost?.kind === "connection" && lost.connection.lastHeard).toBeGreaterThan(0);
    vi.advanceTimersByTime(1100);
    expect(newest().topics).toEqual(["1/curves#a.2"]);
    frozen.say("update", change("1/curves", "a.2", "a.3"));
    expect(tab.versions).toEqual(["a.2"]);
    newest().say("heartbeat", { seconds: 5 });
    expect(tab.states.at(-1)).toBe("open");
  });

  test("that is refused again and again comes back ever later, and soon once it was open", () => {
    follow("1/curves");
    vi.advanceTimersByTime(100);
    const measure = (): number => {
      const count = Source.opened.length;
      newest().say("error");
      for (let tenths = 1; tenths <= 600; tenths++) {
        vi.advanceTimersByTime(100);
        if (Source.opened.length > count) return tenths / 10;
      }
      throw new Error("it does not come back");
    };
    expect([1, 2, 3, 4, 5, 6].map(measure)).toEqual([1, 2, 4, 8, 10, 10]);
    newest().say("heartbeat", { seconds: 5 });
    expect(measure()).toBe(1);
  });

  test("is tried at once when somebody has logged in", () => {
    const tab = follow("1/curves");
    vi.advanceTimersByTime(100);
    for (let turn = 0; turn < 4; turn++) {
      newest().say("error");
      vi.advanceTimersByTime(10_000);
    }
    newest().say("error");
    const count = Source.opened.length;
    stream.receive(tab, { kind: "retry" });
    vi.advanceTimersByTime(10);
    expect(Source.opened).toHaveLength(count + 1);
  });
});

test("versions of one name are compared by number, of two names not at all", () => {
  expect(findOldest(["a.10", "a.9", "a.11"])).toBe("a.9");
  expect(findOldest(["a.1", "b.1"])).toBe("");
  expect(findOldest(["a.1", ""])).toBe("");
  expect(findOldest(["ended.5", "ended.5"])).toBe("ended.5");
  expect(findOldest(["ended.5", "ended.6"])).toBe("");
  expect(hasReached("a.10", "a.9")).toBe(true);
  expect(hasReached("a.9", "a.10")).toBe(false);
  expect(hasReached("ended.6", "ended.5")).toBe(false);
  expect(hasReached("", "a.1")).toBe(false);
});
