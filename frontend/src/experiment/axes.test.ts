import { describe, expect, it } from "vitest";
import { findNext } from "./ColourBar";
import { readRange, toAxis, toData } from "./layout";
import { findNearestIndex } from "./nearest";
import { parseExperimentSearch } from "./search";
import { fitLabels, makeLogTicks } from "./ticks";
import { nameCell } from "./view";

describe("ranges", () => {
  it("come back from a log axis", () => {
    expect(toData(toAxis([1, 100], true), true)).toEqual([1, 100]);
    expect(readRange({ "xaxis.range[0]": 1, "xaxis.range[1]": 4 }, "xaxis")).toEqual([1, 4]);
    expect(readRange({ "xaxis.range": [2, 3] }, "xaxis")).toEqual([2, 3]);
    expect(readRange({ "yaxis.range": [2, 3] }, "xaxis")).toBeNull();
  });
});

describe("ticks", () => {
  it("are 1, 2 and 5 where they fit, else decades", () => {
    expect(makeLogTicks([-1, 1]).ticktext).toEqual(["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
    expect(makeLogTicks([-6, 0]).tickvals).toHaveLength(7);
    expect(makeLogTicks([-6, 0]).ticktext[0]).toBe("10<sup>−6</sup>");
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
  expect(nameCell({ regularizer: "elastic_net(mixing=0.5)", strength: 1e-3 })).toMatch(/^[\w-]+$/);
  expect(nameCell({ regularizer: "a} *{", strength: 0 })).toMatch(/^[\w-]+$/);
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
