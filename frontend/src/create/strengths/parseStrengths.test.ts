import { expect, test } from "vitest";
import { writeNumber } from "../../text/parseNumbers";
import { parseStrengths } from "./parseStrengths";
import { listGrid } from "./strengthGrid";

test.each([
  ["[0.1, 0.2]", [0.1, 0.2]],
  ["[0.1, 0.2", [0.1, 0.2]],
  ["(0.1, 0.2,)", [0.1, 0.2]],
  ['["0.1", "1e-3"]', [0.1, 1e-3]],
  ["[0.1 0.2\n 0.3]", [0.1, 0.2, 0.3]],
  ["np.array([1.e-04, 1.e-03])", [1e-4, 1e-3]],
  ["tensor([0.1000, 0.2000])", [0.1, 0.2]],
  ["0.1;0.2", [0.1, 0.2]],
  ["0.1\t0.2\r\n0.3", [0.1, 0.2, 0.3]],
  ["1e-3 10^-3.5 10⁻⁴ 3·10⁻⁴ 3 × 10^-5 10**-6", [1e-3, 0.000316227766017, 1e-4, 3e-4, 3e-5, 1e-6]],
  ["0,1; 0,01; 1", [0.1, 0.01, 1]],
  ["0,1\n0,01\n0,001", [0.1, 0.01, 0.001]],
  ["1,5\t2,5", [1.5, 2.5]],
  ["0,1 0,2", [0.1, 0.2]],
  // Here the comma can separate, so it does.
  ["0,1", [0, 1]],
  ["1,5", [1, 5]],
  ["1,5,10", [1, 5, 10]],
  ["0,0.1\n0,0.2", [0, 0.1, 0, 0.2]],
  ["", []],
  ["[]", []],
  ["0.1, much", [0.1, "much"]],
  ["1,000; 2,000", ["1,000", "2,000"]],
  ["0.1, NaN", [0.1, "NaN"]],
])("%j is read as %j", (text, values) => {
  expect(parseStrengths(text)).toEqual(values);
});

test.each([
  ["1e-4..1 x 9", listGrid(1e-4, 1, 9, "log")],
  ["0, 1e-4..1 × 5", [0, ...listGrid(1e-4, 1, 5, "log")]],
  ["0 10⁻⁴…1x5", [0, ...listGrid(1e-4, 1, 5, "log")]],
  ["[0..0.4 x 5]", [0, 0.1, 0.2, 0.3, 0.4]],
  ["np.logspace(-4, 0, 5)", [1e-4, 1e-3, 1e-2, 0.1, 1]],
  ["geomspace(1e-4, 1, num=5)", [1e-4, 1e-3, 1e-2, 0.1, 1]],
  ["[0, *np.linspace(0.1, 0.3, 3)]", [0, 0.1, 0.2, 0.3]],
])("the range %s is written out", (text, values) => {
  expect(parseStrengths(text)).toEqual(values);
});

test("a range of probabilities is even", () => {
  expect(parseStrengths("0.1..0.5 x 5", "linear")).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
});

test.each(["1..2", "1..x 3", "logspace(1)", "linspace(0, 1, 100000000)", "1..2 x 0", "..", "x"])(
  "%s is no range, and does not end the page",
  (text) => {
    expect(parseStrengths(text).some((value) => typeof value === "string")).toBe(true);
  },
);

// A small generator of numbers, so that a failure comes back: mulberry32.
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const comma = (value: number) => String(value).replace(".", ",");
const WAYS: Record<string, (values: readonly number[]) => string> = {
  JSON: (values) => JSON.stringify(values),
  "JSON over lines": (values) => JSON.stringify(values, null, 2),
  "Python's tuple": (values) => `(${values.join(", ")},)`,
  NumPy: (values) => `array([${values.map((value) => value.toExponential()).join(",\n       ")}])`,
  spaces: (values) => values.join(" "),
  tabs: (values) => values.join("\t"),
  lines: (values) => values.join("\r\n"),
  semicolons: (values) => values.join(";"),
  "commas of their own": (values) => values.map(writeNumber).join(", "),
  "decimal commas": (values) => values.map(comma).join("; "),
  "a column with decimal commas": (values) => values.map(comma).join("\n"),
};

test.each(Object.keys(WAYS))("whatever is written with %s is read as it was", (way) => {
  const random = makeRandom(20261129);
  for (let round = 0; round < 500; round += 1) {
    const values = Array.from({ length: 1 + Math.floor(8 * random()) }, () => {
      const digits = 1 + Math.floor(17 * random());
      return random() < 0.1 ? 0 : Number((10 ** (8 * random() - 6)).toPrecision(digits));
    });
    // Alone a comma may separate; that it then does is tested above.
    if (way.includes("decimal") && values.length === 1) continue;
    const text = WAYS[way]?.(values) ?? "";
    expect(parseStrengths(text), text).toEqual(values);
  }
});
