import { expect, it } from "vitest";
import { splitFailure } from "./failureText";

it("tells a cause from the lines that were printed last", () => {
  expect(splitFailure("The trainer died. It printed last:\na\n b\n")).toEqual({
    sentence: "The trainer died.",
    lines: ["a", " b"],
  });
  expect(splitFailure("No memory left.")).toEqual({ sentence: "No memory left.", lines: [] });
  expect(splitFailure("ValueError: x\n  at y")).toEqual({ sentence: "ValueError: x", lines: ["  at y"] });
});
