import { describe, expect, test } from "vitest";
import { getSymbol } from "./regularizers";
import { formatStrength, nameStrength } from "./strengths";

// The expected texts of strengths and scores are what core.analysis writes for the same numbers.
describe("strengths", () => {
  test.each([
    [1e-4, "10⁻⁴"],
    [3e-4, "3·10⁻⁴"],
    [10 ** -3.5, "10⁻³·⁵"],
    [10 ** -2.25, "10⁻²·²⁵"],
    [0.000316227766017, "10⁻³·⁵"],
    [0.05, "5·10⁻²"],
    [0.1, "0.1"],
    [0.25, "0.25"],
    [1, "1"],
    [10, "10"],
    [31.6227766017, "10¹·⁵"],
    [99.95, "100"],
    [1000, "10³"],
    [1e5, "10⁵"],
    [3.3333e-4, "3.33·10⁻⁴"],
    [1.234e-7, "1.23·10⁻⁷"],
    [0, "0"],
  ])("%d is written %s", (strength, text) => {
    expect(formatStrength(strength)).toBe(text);
  });

  test.each([
    [0.05, "0.05"],
    [0.333333, "0.333"],
    [0.001, "0.001"],
    [0.5, "0.5"],
    [0, "0"],
  ])("the probability %d is a plain decimal", (strength, text) => {
    expect(formatStrength(strength, "p")).toBe(text);
  });

  test.each([
    [10, "10"],
    [1000, "1000"],
    [12_345, "12345"],
    [0.05, "0.05"],
    [1e-5, "10⁻⁵"],
  ])("without λ, %d is plain as well", (strength, text) => {
    expect(formatStrength(strength, "patience")).toBe(text);
  });

  test("are named with the regularizer's own symbol", () => {
    expect(nameStrength(getSymbol("l1"), 1e-4)).toBe("λ = 10⁻⁴");
    expect(nameStrength(getSymbol("dropout"), 0.5)).toBe("p = 0.5");
    expect(nameStrength(getSymbol("early_stopping"), 20)).toBe("patience = 20");
    expect(nameStrength(getSymbol("max_norm"), 3)).toBe("c = 3");
    expect(nameStrength(getSymbol("elastic_net(mixing=0.5)"), 3e-4)).toBe("λ = 3·10⁻⁴");
  });
});
