import { expect, test, vi } from "vitest";
import { type Drawable, enqueue, whenDrawn } from "./drawQueue";

function makeDrawable(draw: () => void): Drawable {
  return { notBefore: 0, draw };
}

test("what stands below the charts waits until none of them is left to draw, or until its patience ends", async () => {
  const order: string[] = [];
  const slow = () => vi.spyOn(performance, "now").mockReturnValue(performance.now() + 50);
  enqueue(
    makeDrawable(() => {
      order.push("first");
      // A chart that takes its frame alone.
      slow();
    }),
  );
  enqueue(makeDrawable(() => order.push("second")));
  await whenDrawn(5_000);
  order.push("below");
  expect(order).toEqual(["first", "second", "below"]);
  vi.restoreAllMocks();
  await whenDrawn(5_000);
  enqueue(makeDrawable(() => order.push("late")));
  // Its moment lies far ahead.
  enqueue({ notBefore: performance.now() + 60_000, draw: () => order.push("never") });
  await whenDrawn(100);
  expect(order).toEqual(["first", "second", "below", "late"]);
});
