import { describe, expect, it, vi } from "vitest";
import { LiveFigureSet } from "../experiment/live/figureSet";
import type { FigureSet } from "../experiment/types";
import { JointFrame } from "./jointFrame";

function makeSet(x: number[], y: number[], empty = ""): LiveFigureSet {
  const meta = {
    metric: "train_loss",
    empty,
    ranges: { x: { linear: x, log: x }, y: { linear: y, log: y } },
  };
  const figures = { train_loss: { data: [], layout: { meta } } };
  return new LiveFigureSet({
    columns: [{ regularizer: "l2", label: "L2", scale: null, figures }],
  } as unknown as FigureSet);
}

describe("the axes of several figure sets", () => {
  it("hold all of them", () => {
    const frame = new JointFrame([makeSet([0, 10], [0.5, 2]), makeSet([1, 30], [0.1, 1])]);
    expect(frame.findX(false)).toEqual([0, 30]);
    expect(frame.findY("train_loss", false)).toEqual([0.1, 2]);
  });

  it("are not widened by an empty chart, unless there is no other", () => {
    const empty = makeSet([0, 1], [-100, 100], "No run has a finite value");
    expect(new JointFrame([makeSet([0, 10], [0.5, 2]), empty]).findY("train_loss", false)).toEqual([0.5, 2]);
    expect(new JointFrame([empty]).findY("train_loss", false)).toEqual([-100, 100]);
  });

  it("tell of the changes of each, until they are forgotten", () => {
    const sets = [makeSet([0, 1], [0, 1]), makeSet([0, 1], [0, 1])];
    const listener = vi.fn();
    const forget = new JointFrame(sets).subscribe(listener);
    for (const set of sets) set.apply({ version: "2", set: {} } as never);
    expect(listener).toHaveBeenCalledTimes(2);
    forget();
    sets[0]?.apply({ version: "3", set: {} } as never);
    expect(listener).toHaveBeenCalledTimes(2);
  });
});
