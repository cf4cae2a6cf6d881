import { describe, expect, it } from "vitest";
import { readZoomRange, toAxisUnits, toDataUnits } from "./chartLayout";

describe("ranges", () => {
  it("come back from a log axis", () => {
    expect(toDataUnits(toAxisUnits([1, 100], true), true)).toEqual([1, 100]);
    expect(readZoomRange({ "xaxis.range[0]": 1, "xaxis.range[1]": 4 }, "xaxis")).toEqual([1, 4]);
    expect(readZoomRange({ "xaxis.range": [2, 3] }, "xaxis")).toEqual([2, 3]);
    expect(readZoomRange({ "yaxis.range": [2, 3] }, "xaxis")).toBeNull();
  });
});
