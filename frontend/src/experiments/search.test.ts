import { expect, test } from "vitest";
import { parseFormSearch } from "../create/page/search";
import { parseListSearch } from "./search";

test("the list's address: what is understood is kept, and nonsense is not", () => {
  expect(parseListSearch({ text: 12, state: "failed", tag: "a b", page: "3" })).toEqual({
    text: "12",
    state: "failed",
    tag: "a b",
    page: 3,
  });
  const nothing = parseListSearch({ text: "", state: "nonsense", tag: ["x"], page: -3 });
  expect(Object.values(nothing)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test("the form's address names what it starts from", () => {
  expect(parseFormSearch({ from: "empty" })).toEqual({ from: "empty" });
  expect(parseFormSearch({ from: "7" })).toEqual({ from: 7 });
  for (const from of ["demonstration", "x", -1, 1.5, undefined])
    expect(parseFormSearch({ from }).from).toBeUndefined();
});

test("the list's address holds what is chosen to be compared, as the router parses it", () => {
  expect(parseListSearch({ chosen: "3,7" }).chosen).toBe("3,7");
  expect(parseListSearch({ chosen: 3 }).chosen).toBe("3");
});
