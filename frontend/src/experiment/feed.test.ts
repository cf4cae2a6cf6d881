import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { learnSession } from "../api/session";
import { Feed } from "./feed";

/** What a browser does with a stream: refused, it is closed and is not tried again. */
class Stream {
  static readonly CLOSED = 2;
  static opened: Stream[] = [];
  readyState = 0;
  onopen = () => {};
  onerror = () => {};

  constructor() {
    Stream.opened.push(this);
  }

  addEventListener(): void {}

  close(): void {
    this.readyState = Stream.CLOSED;
  }

  refuse(): void {
    this.close();
    this.onerror();
  }
}

beforeEach(() => {
  Stream.opened = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("fetch", async () => Response.json({ authentication: false, role: "full" }));
  learnSession({ authentication: false, role: "full" });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Refuse the newest stream; seconds until the next is opened. */
async function measurePause(): Promise<number> {
  const count = Stream.opened.length;
  Stream.opened.at(-1)?.refuse();
  for (let seconds = 0; seconds <= 60; seconds += 1) {
    await vi.advanceTimersByTimeAsync(1000);
    if (Stream.opened.length > count) return seconds + 1;
  }
  throw new Error("it does not come back");
}

test("a stream that is refused again and again comes back ever later, and soon once it was open", async () => {
  const feed = new Feed(1, () => {});
  feed.open("1:0:0");
  const pauses = [];
  for (let turn = 0; turn < 5; turn++) pauses.push(await measurePause());
  expect(pauses).toEqual([2, 4, 8, 10, 10]);
  Stream.opened.at(-1)?.onopen();
  expect(await measurePause()).toBe(2);
  feed.close();
});

test("a stream that is given up while it waits does not come back", async () => {
  const feed = new Feed(1, () => {});
  feed.open("1:0:0");
  Stream.opened.at(-1)?.refuse();
  feed.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Stream.opened).toHaveLength(1);
});
