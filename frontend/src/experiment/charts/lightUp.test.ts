import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lightUp, nameChart } from "./lightUp";

beforeEach(() => {
  vi.useFakeTimers();
  window.matchMedia = vi.fn().mockReturnValue({ matches: true });
  Element.prototype.scrollIntoView = vi.fn();
});

afterEach(() => vi.useRealTimers());

test("a chart is scrolled to, focused and lit for a while", () => {
  const chart = document.createElement("figure");
  chart.id = nameChart("validation_loss");
  chart.tabIndex = -1;
  document.body.append(chart);
  expect(lightUp("validation_loss")).toBe(true);
  expect(document.activeElement).toBe(chart);
  expect(chart.dataset.lit).toBe("true");
  vi.advanceTimersByTime(5_000);
  expect(chart.dataset.lit).toBeUndefined();
});

test("a chart that is not there is said not to be", () => {
  expect(lightUp("train_score")).toBe(false);
});
