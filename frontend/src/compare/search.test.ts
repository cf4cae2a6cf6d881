import { describe, expect, it } from "vitest";
import { parseCompareSearch, parseIds, writeIds } from "./search";

describe("the address of a comparison", () => {
  it.each([
    ["3,7", [3, 7], []],
    ["7,3,7", [7, 3], []],
    [" 3 , 7 ,", [3, 7], []],
    ["3,x,-1,0,1.5,99999999999,7", [3, 7], ["x", "-1", "0", "1.5", "99999999999"]],
    ["", [], []],
    [undefined, [], []],
  ])("reads %s", (text, ids, wrong) => {
    expect(parseIds(text)).toEqual({ ids, wrong });
  });

  it("takes a single id and a list as the router parses them", () => {
    expect(parseCompareSearch({ ids: 12 }).ids).toBe("12");
    expect(parseCompareSearch({ ids: [3, 7] }).ids).toBe("3,7");
  });

  it("leaves out what it does not know", () => {
    const search = { ids: { a: 1 }, by: "accuracy", show: 3, linear: "yes", strength: "x" };
    expect(Object.values(parseCompareSearch(search)).every((value) => value === undefined)).toBe(true);
    expect(parseCompareSearch({ by: "loss", show: "l2", linear: true, strength: 0.1 })).toEqual({
      ids: undefined,
      by: "loss",
      show: "l2",
      linear: true,
      strength: 0.1,
    });
  });

  it("writes what it reads", () => {
    expect(parseIds(writeIds([7, 3])).ids).toEqual([7, 3]);
    expect(writeIds([])).toBeUndefined();
  });
});
