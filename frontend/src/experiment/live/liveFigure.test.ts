import { expect, test } from "vitest";
import { drawAtFloor } from "../charts/rendering/logAxisFloor";
import { LiveFigure } from "./liveFigure";

const ranges = { x: { linear: [0, 8], log: [0, 1] }, y: { linear: [0, 1], log: [-2, 0] } };
const meta = {
  kind: "runs",
  metric: "train_loss",
  regularizer: "l1",
  strength: 0.1,
  baseline: false,
  smoothing: 0,
};

/** Two seeds of one strength, one with two points and one with a single one, and their mean. */
function makeFigure(): LiveFigure {
  const runs = {
    uid: "runs-1",
    mode: "lines",
    x: [1, 2, 0, 1],
    y: [0.5, 0.25, Number.NaN, 0.75],
    meta: { ...meta, runs: [1, 2], seeds: [0, 1], lengths: [2, 1] },
  };
  const mean = {
    uid: "mean-1",
    mode: "lines",
    x: [1, 2],
    y: [0.625, 0.25],
    line: { color: "#123456" },
    meta: { ...meta, kind: "mean", runs: [1, 2], seeds: [0, 1], lengths: [2] },
  };
  return new LiveFigure({
    data: [runs, mean],
    layout: { meta: { metric: "train_loss", ranges, shown: 3, total: 3 } },
  });
}

test("the lines of a trace are told apart by their lengths", () => {
  const lines = makeFigure().listLines("run");
  expect(lines.map(({ run, seed, first, stop }) => [run, seed, first, stop])).toEqual([
    [1, 0, 0, 2],
    [2, 1, 3, 4],
  ]);
});

test("a change keeps what stays, appends what is new and takes back what is not there any more", () => {
  const figure = makeFigure();
  const before = figure.version;
  figure.apply({
    column: 0,
    metric: "train_loss",
    layout: { meta: { metric: "train_loss", ranges, shown: 5, total: 5 } },
    traces: [
      {
        trace: 0,
        options: { mode: "lines+markers" },
        lines: [
          { line: 0, keep: 1, x: [2, 3], y: [0.125, null] },
          { line: 1, keep: 1, x: [2], y: [0.1] },
        ],
      },
    ],
  });
  const [runs] = figure.traces;
  expect(runs?.x).toEqual([1, 2, 3, 0, 1, 2]);
  expect(runs?.y).toEqual([0.5, 0.125, Number.NaN, Number.NaN, 0.75, Math.fround(0.1)]);
  expect(runs?.mode).toBe("lines+markers");
  expect(runs?.meta.lengths).toEqual([3, 2]);
  expect(figure.layout.meta.shown).toBe(5);
  expect(figure.version).not.toBe(before);
});

test("a line that begins behind an empty one has its gap", () => {
  const figure = makeFigure();
  const lines = [{ line: 0, keep: 0, x: [], y: [] }];
  figure.apply({ column: 0, metric: "train_loss", layout: {}, traces: [{ trace: 0, options: {}, lines }] });
  expect(figure.traces[0]?.x).toEqual([0, 1]);
  expect(figure.listLines("run").map(({ first, stop }) => [first, stop])).toEqual([
    [0, 0],
    [1, 2],
  ]);
});

test("a chart that is no curve is told whole", () => {
  const figure = makeFigure();
  const options = {
    x: [5, 6, 7],
    y: [1, 2, 3],
    meta: { ...meta, kind: "dots", runs: [1, 2, 3], seeds: [0, 1, 2] },
  };
  figure.apply({ column: 0, metric: "train_loss", layout: {}, traces: [{ trace: 1, options, lines: [] }] });
  expect(figure.traces[1]?.x).toEqual([5, 6, 7]);
});

test("on a logarithmic axis zeros run along its foot and are marked there", () => {
  const figure = makeFigure();
  const lines = [{ line: 0, keep: 1, x: [2, 3], y: [0, -1] }];
  figure.apply({ column: 0, metric: "train_loss", layout: {}, traces: [{ trace: 0, options: {}, lines }] });
  const drawn = drawAtFloor(figure.traces, 0.01);
  expect(drawn[0]?.y.slice(0, 3)).toEqual([0.5, 0.01, 0.01]);
  const marks = drawn.filter(({ uid }) => uid.startsWith("foot-"));
  expect(marks.map(({ x, y }) => [x, y])).toEqual([
    [
      [2, 3],
      [0.01, 0.01],
    ],
  ]);
});
