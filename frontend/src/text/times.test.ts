import { expect, test } from "vitest";
import { describeEstimate, formatDuration, formatMoment } from "./times";

test.each([
  [0, "0.0 s"],
  [0.42, "0.4 s"],
  [40, "40 s"],
  [59.7, "1 min"],
  [125, "2 min 5 s"],
  [3780, "1 h 3 min"],
  [3600, "1 h"],
  [187_200, "2 d 4 h"],
])("%d seconds last %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [0.2, "about a second"],
  [4.4, "about 4 seconds"],
  [41, "about 40 seconds"],
  [170, "about 3 minutes"],
  [7300, "about 2 hours"],
  [200_000, "about 2 days"],
])("%d seconds to come are %s", (seconds, text) => {
  expect(describeEstimate(seconds)).toBe(text);
});

test("moments are told as from now, in the reader's zone", () => {
  const now = new Date(2026, 10, 24, 15, 0, 0);
  const ago = (seconds: number) => formatMoment(new Date(now.getTime() - 1000 * seconds), now);
  expect(ago(3)).toBe("just now");
  expect(ago(60 * 5)).toBe("5 min ago");
  expect(ago(3600 * 3)).toBe("12:00");
  expect(ago(3600 * 20)).toBe("yesterday 19:00");
  expect(ago(86_400 * 10)).toBe("14 Nov 15:00");
  expect(ago(86_400 * 400)).toBe("20 Oct 2025");
});
