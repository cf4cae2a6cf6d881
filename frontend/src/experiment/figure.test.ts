import { describe, expect, it } from "vitest";
import { Figure } from "./figure";
import { FigureGroup, parseCursor } from "./group";
import type { FigureSet } from "./types";

function encode(values: number[]) {
  const bytes = new Uint8Array(new Float32Array(values).buffer);
  return { dtype: "f4", bdata: btoa(String.fromCharCode(...bytes)) };
}

function trace(kind: string, runs: number[], y: number[], more: object = {}) {
  return {
    uid: `${kind}-${runs[0]}`,
    mode: "lines",
    x: y.map((_, index) => index + 1),
    y: encode(y),
    line: { color: "#123456" },
    meta: {
      kind,
      metric: "train_loss",
      regularizer: "l1",
      strength: 0.5,
      seeds: runs.map((_, index) => index),
      runs,
      baseline: false,
      smoothing: 0,
      ...more,
    },
  };
}

const ranges = {
  x: { linear: [1, 8], log: [0, 1] },
  y: { linear: [0, 1], log: [-1, 0] },
  total: 40,
  start: 1,
};

function makeSet(traces: object[], cursor = "7:2:1", metric = "train_loss"): FigureSet {
  const meta = { metric, title: "", sentence: "", percent: false, better: "low", shown: 4, total: 4, ranges };
  const figure = { data: traces, layout: { xaxis: {}, yaxis: {}, meta } };
  return {
    figure: "curves",
    cursor,
    ended: false,
    columns: [{ regularizer: "l1", label: "L1", scale: null, figures: { [metric]: figure } }],
    shown: 4,
    total: 4,
  } as unknown as FigureSet;
}

function makeGroup(traces: object[], cursor?: string, metric?: string): [FigureGroup, Figure] {
  const group = new FigureGroup(makeSet(traces, cursor, metric), "epoch", 100);
  const figure = group.listFigures()[0];
  if (!(figure instanceof Figure)) throw new Error("the group must hold a figure");
  return [group, figure];
}

function epoch(number: number, values: (number | null)[], job = 7) {
  const event = {
    job,
    epoch: number,
    runs: [1, 2, 3],
    metrics: { train_loss: values },
    batch_losses: null,
    stopped: [],
  };
  return { kind: "epoch" as const, rewinds: 1, event };
}

describe("a running figure", () => {
  it("takes each epoch once, and none that its answer had already", () => {
    const [group, figure] = makeGroup([trace("run", [1], [5, 4])]);
    expect(group.apply(epoch(2, [9, 9, 9]))).toBe(false);
    expect(group.apply(epoch(3, [3, 9, 9]))).toBe(true);
    expect(group.apply(epoch(3, [3, 9, 9]))).toBe(false);
    expect(figure.traces[0]?.x).toEqual([1, 2, 3]);
    expect(figure.traces[0]?.y).toEqual([5, 4, 3]);
    expect(group.hasGap).toBe(false);
  });

  it("notices an epoch that it missed", () => {
    const [group] = makeGroup([trace("run", [1], [5, 4])]);
    group.apply(epoch(5, [3, 9, 9]));
    expect(group.hasGap).toBe(true);
  });

  it("leaves lines of other jobs alone", () => {
    const [group, figure] = makeGroup([trace("run", [4], [5, 4])], "7:2:1,8:2:1");
    expect(group.apply(epoch(3, [3, 9, 9]))).toBe(false);
    expect(figure.traces[0]?.y).toEqual([5, 4]);
  });

  it("averages over the runs that have a value, and draws a band from three on", () => {
    const kinds = ["mean", "low", "high"].map((kind) => trace(kind, [1, 2, 3], [5, 4]));
    const [group, figure] = makeGroup(kinds);
    group.apply(epoch(3, [1, 2, 3]));
    expect(figure.traces.map((own) => own.y[2])).toEqual([2, 1, 3]);
    group.apply(epoch(4, [1, null, 3]));
    expect(figure.traces.map((own) => own.y[3])).toEqual([2, Number.NaN, Number.NaN]);
  });

  it("ends the line of a run that stopped, whose last value counts on in the mean; not that of one that diverged", () => {
    const traces = [trace("run", [1], [5, 4]), trace("mean", [1, 2, 3, 4], [5, 4], { held: { 4: 10 } })];
    const [group, figure] = makeGroup(traces);
    group.apply(epoch(3, [1, 2, null]));
    expect(figure.traces[1]?.y[2]).toBe((1 + 2 + 10) / 3);
    const entry = epoch(4, [4]);
    group.apply({ ...entry, event: { ...entry.event, runs: [2] } });
    expect(figure.traces[0]?.x).toEqual([1, 2, 3]);
    expect(figure.traces[1]?.y[3]).toBe((4 + 1 + 10) / 3);
  });

  it("goes on with the moving average where the answer left it", () => {
    const state = [0.5 * 4, 0.5];
    const [group, figure] = makeGroup([trace("run", [1], [4], { smoothing: 0.5, state })], "7:1:1");
    group.apply(epoch(2, [1, 9, 9]));
    // m = 0.5·2 + 0.5·1, w = 0.5·0.5 + 0.5
    expect(figure.traces[0]?.y[1]).toBeCloseTo(1.5 / 0.75);
  });

  it("drops a job's points when it starts again, and takes its epochs from the first", () => {
    const [group, figure] = makeGroup([trace("run", [1], [5, 4])]);
    const reset = {
      kind: "reset" as const,
      rewinds: 2,
      event: { job: 7, rewinds: 2, epoch: 0, runs: [1, 2, 3] },
    };
    expect(group.apply(reset)).toBe(true);
    expect(group.apply(reset)).toBe(false);
    expect(figure.traces[0]?.y).toEqual([]);
    group.apply({ ...epoch(1, [6, 6, 6]), rewinds: 2 });
    expect(figure.traces[0]?.y).toEqual([6]);
    expect(figure.traces[0]?.mode).toBe("lines+markers");
    expect(group.apply(epoch(3, [9, 9, 9]))).toBe(false);
  });

  it("is asked for anew when some of a job's points are void, and not when none that it has are", () => {
    const [group] = makeGroup([trace("run", [1], [5, 4])]);
    const event = { job: 7, rewinds: 2, epoch: 2, runs: [1, 2, 3] };
    expect(group.apply({ kind: "reset" as const, rewinds: 2, event })).toBe(false);
    expect(group.hasGap).toBe(false);
    expect(
      group.apply({ kind: "reset" as const, rewinds: 3, event: { ...event, rewinds: 3, epoch: 1 } }),
    ).toBe(true);
    expect(group.hasGap).toBe(true);
  });

  it("reduces a line that grows beyond what the width can show, and keeps its extremes", () => {
    const [group, figure] = makeGroup([trace("run", [1], [5, 4])]);
    for (let number = 3; number <= 230; number++) group.apply(epoch(number, [number === 150 ? 99 : 1, 0, 0]));
    expect(figure.traces[0]?.y.length).toBeLessThan(200);
    expect(figure.traces[0]?.y).toContain(99);
    expect(figure.traces[0]?.x.at(-1)).toBe(230);
    expect(figure.isReduced).toBe(true);
  });

  it("spreads the minibatch losses of an epoch over it", () => {
    const batch = trace("run", [2], [5, 4], { metric: "batch_loss" });
    const [group, figure] = makeGroup([batch], "7:2:1", "batch_loss");
    const entry = epoch(3, []);
    group.apply({
      ...entry,
      event: {
        ...entry.event,
        batch_losses: [
          [9, 9],
          [7, 6],
          [9, 9],
        ],
      },
    });
    expect(figure.traces[0]?.x.slice(2)).toEqual([2.5, 3]);
    expect(figure.traces[0]?.y.slice(2)).toEqual([7, 6]);
  });
});

describe("joined seeds", () => {
  it("are told apart by their lengths", () => {
    const joined = trace("runs", [1, 2], [5, 4, Number.NaN, 8], { lengths: [2, 1] });
    const [, figure] = makeGroup([joined]);
    expect(figure.listLines("run").map(({ run, first, stop }) => [run, first, stop])).toEqual([
      [1, 0, 2],
      [2, 3, 4],
    ]);
  });
});

it("a cursor names each job's epoch and attempt", () => {
  expect(parseCursor("7:40:1,8:38:2")).toEqual(
    new Map([
      [7, { epoch: 40, rewinds: 1 }],
      [8, { epoch: 38, rewinds: 2 }],
    ]),
  );
  expect(parseCursor("").size).toBe(0);
});
