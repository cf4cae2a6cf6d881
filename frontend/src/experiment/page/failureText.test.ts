import { expect, it } from "vitest";
import { splitCause } from "./failureText";

it("tells a cause from the lines that were printed last", () => {
  expect(splitCause("The trainer died. It printed last:\na\n b\n")).toEqual({
    sentence: "The trainer died.",
    lines: ["a", " b"],
  });
  expect(splitCause("No memory left.")).toEqual({ sentence: "No memory left.", lines: [] });
  expect(splitCause("ValueError: x\n  at y")).toEqual({ sentence: "ValueError: x", lines: ["  at y"] });
});
