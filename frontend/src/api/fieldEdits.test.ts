import { expect, test } from "vitest";
import { TAGS, TEXT } from "./fieldEdits";

test("a text that others changed too is a conflict, unless both wrote the same", () => {
  expect(TEXT.merge("before", "mine", "before")).toBe("mine");
  expect(TEXT.merge("before", "mine", "theirs")).toBeNull();
  expect(TEXT.merge("before", "same", "same")).toBe("same");
});

test("line breaks and blanks around a text are no change of it", () => {
  expect(TEXT.isSame("one\r\ntwo\n", "one\ntwo")).toBe(true);
  expect(TEXT.isSame("one two", "one  two")).toBe(false);
});

test("tags of two edits are all kept, and those that either took away are gone", () => {
  expect(TAGS.merge(["a", "b"], ["a", "b", "mine"], ["a", "b", "theirs"])).toEqual([
    "a",
    "b",
    "theirs",
    "mine",
  ]);
  expect(TAGS.merge(["a", "b", "c"], ["b", "c"], ["a", "b"])).toEqual(["b"]);
  expect(TAGS.merge(["a"], ["a", "both"], ["a", "both"])).toEqual(["a", "both"]);
  expect(TAGS.isSame(["b", "a"], ["a", "b"])).toBe(true);
});
