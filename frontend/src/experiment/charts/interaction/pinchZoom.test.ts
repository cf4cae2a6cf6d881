import { describe, expect, it } from "vitest";
import { stretchRange } from "./pinchZoom";

describe("two fingers", () => {
  // What lies at a pixel of an axis of 400 that shows the range.
  const at = (range: [number, number] | null, pixel: number) =>
    range === null ? Number.NaN : range[0] + ((range[1] - range[0]) * pixel) / 400;

  it("keep what is under them", () => {
    const zoomed = stretchRange([0, 100], 400, [100, 300], [40, 350]);
    expect(at(zoomed, 40)).toBeCloseTo(25);
    expect(at(zoomed, 350)).toBeCloseTo(75);
  });

  it("may touch in either order", () => {
    const zoomed = stretchRange([-3, 1], 400, [300, 100], [350, 40]);
    expect(at(zoomed, 350)).toBeCloseTo(0);
    expect(at(zoomed, 40)).toBeCloseTo(-2);
  });

  it("leave an axis as it is along which they are close", () => {
    expect(stretchRange([0, 100], 400, [100, 110], [50, 200])).toBeNull();
  });

  it("never turn an axis round", () => {
    const [low, high] = stretchRange([0, 100], 400, [100, 300], [300, 100]) ?? [1, 0];
    expect(low).toBeLessThan(high);
  });
});
