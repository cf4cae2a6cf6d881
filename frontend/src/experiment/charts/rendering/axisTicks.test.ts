import { describe, expect, it } from "vitest";
import { fitLabels, makeLogTicks } from "./axisTicks";

describe("ticks", () => {
  it("are 1, 2 and 5 where they fit, else decades", () => {
    expect(makeLogTicks([-1, 1]).ticktext).toEqual(["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
    expect(makeLogTicks([-6, 0]).tickvals).toHaveLength(7);
    expect(makeLogTicks([-6, 0]).ticktext[0]).toBe("10<sup>−6</sup>");
  });

  it("are even steps within a decade, each written so that it differs", () => {
    const { tickvals, ticktext } = makeLogTicks([Math.log10(1.3008), Math.log10(1.304)]);
    expect(tickvals.length).toBeGreaterThan(2);
    expect(new Set(ticktext).size).toBe(tickvals.length);
    expect(makeLogTicks([Math.log10(0.95), Math.log10(0.975)], true).ticktext).toEqual(["95%", "96%", "97%"]);
  });

  it("that are decades keep their labels before those between them", () => {
    const labels = [0, 20, 40].map((place) => ({ label: "0.25", place, isDecade: place === 20 }));
    expect(fitLabels(labels)).toEqual([false, true, false]);
  });

  it("lose their labels where these would overlap, the ends last", () => {
    const labels = [0, 10, 100].map((place) => ({ label: "0.25", place }));
    expect(fitLabels(labels)).toEqual([true, false, true]);
  });
});
