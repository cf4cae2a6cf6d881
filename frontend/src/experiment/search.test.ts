import { describe, expect, it } from "vitest";
import { parseExperimentSearch, readZoom, writeZoom } from "./search";

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

  it("keeps epoch 0 of the ridgelines, the state before the first step", () => {
    expect(parseExperimentSearch({ epoch: 0 })).toEqual({ epoch: 0 });
    expect(parseExperimentSearch({ epoch: "" })).toEqual({});
    expect(parseExperimentSearch({})).toEqual({});
  });
});
