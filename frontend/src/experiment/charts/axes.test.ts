import { describe, expect, it } from "vitest";
import { parseExperimentSearch, readZoom, writeZoom } from "../page/search";
import { findNext } from "./ColourBar";
import { ChartInteraction, cellClass } from "./interaction/chartInteraction";
import { findNearestIndex } from "./interaction/hitTest";
import { fitLabels, makeLogTicks } from "./rendering/axisTicks";
import { readZoomRange, toAxisUnits, toDataUnits } from "./rendering/chartLayout";

describe("ranges", () => {
  it("come back from a log axis", () => {
    expect(toDataUnits(toAxisUnits([1, 100], true), true)).toEqual([1, 100]);
    expect(readZoomRange({ "xaxis.range[0]": 1, "xaxis.range[1]": 4 }, "xaxis")).toEqual([1, 4]);
    expect(readZoomRange({ "xaxis.range": [2, 3] }, "xaxis")).toEqual([2, 3]);
    expect(readZoomRange({ "yaxis.range": [2, 3] }, "xaxis")).toBeNull();
  });
});

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

it("the nearest of a rising x is found", () => {
  const x = [1, 2, 4, 8, 1, 5];
  expect(findNearestIndex(x, 0, 4, 3.2)).toBe(2);
  expect(findNearestIndex(x, 0, 4, 2.4)).toBe(1);
  expect(findNearestIndex(x, 4, 6, 100)).toBe(5);
});

it("keys move the scrubber and take it away", () => {
  expect(findNext("ArrowRight", -1, 5)).toBe(0);
  expect(findNext("ArrowLeft", -1, 5)).toBe(4);
  expect(findNext("End", 1, 5)).toBe(4);
  expect(findNext("Escape", 1, 5)).toBeNull();
  expect(findNext("a", 1, 5)).toBeUndefined();
});

it("no name of a regularizer leaves the class that it becomes", () => {
  expect(cellClass({ regularizer: "elastic_net(mixing=0.5)", strength: 1e-3 })).toMatch(/^[\w-]+$/);
  expect(cellClass({ regularizer: "a} *{", strength: 0 })).toMatch(/^[\w-]+$/);
});

describe("the address", () => {
  it("keeps what it understands", () => {
    const search = {
      show: ["l1", "l2"],
      x: "seconds",
      log: ["loss"],
      smoothing: 0.6,
      seeds: "mean",
      loss: "batch",
    };
    expect(parseExperimentSearch({ ...search, strength: 0.01, of: "l1", sort: "-best" })).toEqual({
      ...search,
      strength: 0.01,
      of: "l1",
      sort: "-best",
    });
  });

  it("keeps a zoom, with as many digits as a screen can show", () => {
    const zoom = {
      x: [2.123456789, 8.987654321] as [number, number],
      y: { train_loss: [1.30081234, 1.30084321] as [number, number] },
    };
    const written = writeZoom(zoom);
    const read = readZoom(parseExperimentSearch(JSON.parse(JSON.stringify(written))));
    expect(read.x?.[0]).toBeCloseTo(2.123, 3);
    const [low = 0, high = 0] = read.y.train_loss ?? [];
    expect((high - low) / 3.087e-5).toBeCloseTo(1, 2);
    expect(writeZoom(read)).toEqual(written);
    expect(writeZoom({ x: null, y: {} })).toEqual({ zoom: undefined, zoomY: undefined });
  });

  it("leaves out a zoom that is none", () => {
    for (const zoom of [[2, 1], [1], "1,2", [1, "2"], [0, 1e300], null])
      expect(parseExperimentSearch({ zoom, zoomY: { loss: zoom, "<b>": [0, 1] } })).toEqual({});
  });

  it("leaves out what is not understood or at its default", () => {
    const nonsense = {
      show: 3,
      x: "miles",
      log: "y",
      smoothing: 7,
      seeds: 4,
      strength: -1,
      of: "l1",
      sort: "<b>",
    };
    expect(parseExperimentSearch(nonsense)).toEqual({});
  });
});

describe("the interaction", () => {
  it("zooms all charts along x, and one metric's along y; to show all is to show all of every chart", () => {
    const interaction = new ChartInteraction();
    interaction.zoomTo([1, 5], "train_loss", [0, 1]);
    interaction.zoomTo(null, "validation_loss", [2, 3]);
    expect(interaction.getZoom()).toEqual({ x: [1, 5], y: { train_loss: [0, 1], validation_loss: [2, 3] } });
    interaction.setZoom();
    expect(interaction.getZoom()).toEqual({ x: null, y: {} });
  });

  it("writes strengths as their colour bar does", () => {
    const interaction = new ChartInteraction();
    const tick = { strength: 0.00100001, label: "1.00001·10⁻³", position: 0, colour: "#000", major: true };
    interaction.setStrengthLabels([
      {
        regularizer: "l1",
        symbol: "λ",
        kind: "log",
        stops: [],
        start: 0,
        ticks: [tick],
        smaller_is_stronger: false,
      },
      null,
    ]);
    expect(interaction.labelLine("l1", 0.00100001)).toBe("λ = 1.00001·10⁻³");
    expect(interaction.labelLine("l2", 0.001)).toBe("λ = 10⁻³");
    expect(interaction.labelLine("none", 0)).toBe("Baseline");
  });
});
