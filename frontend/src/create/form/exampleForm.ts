import type { Catalogue, Spec } from "./formValues";
import { fromSpec } from "./fromSpec";

const parameter = (name: string, fallback: number | boolean, kind = "number") => ({
  name,
  kind,
  default: fallback,
  optional: false,
});
const range = { low: 0, high: null, scale: "log", default: [1e-4] };
/** A small catalogue for tests of the form. */
export const catalogue = {
  datasets: [
    { name: "digits", shape: [8, 8, 1], parameters: [parameter("standardize", true, "boolean")] },
    { name: "wine", shape: [13], parameters: [] },
  ],
  splits: [
    { name: "fixed", parameters: [parameter("shuffled", true, "boolean")] },
    { name: "folds", parameters: [parameter("k", 10, "integer")] },
  ],
  networks: [
    { name: "linear", models: [], parameters: [] },
    { name: "mlp", models: [], parameters: [] },
  ],
  optimizers: [{ name: "sgd", parameters: [parameter("learning_rate", 0.01)] }],
  schedules: [{ name: "constant", parameters: [] }],
  regularizers: [
    { name: "l1", strength: range, parameters: [] },
    { name: "l2", strength: range, parameters: [] },
  ],
  options: [],
  augmentation: [],
  halving: [{ ...parameter("at", 0, "integers"), default: null }],
} as unknown as Catalogue;
export const SPEC = {
  name: "The demonstration",
  notes: "on digits",
  tags: ["demonstration"],
  dataset: { name: "digits" },
  network: { name: "linear" },
  optimizer: { name: "sgd" },
  regularizers: [{ name: "l1", strengths: [0.1] }],
  fixed: [{ name: "l2", strengths: [0.2] }],
} as unknown as Spec;
/** The form filled from SPEC, with changes. */
export const make = (change: object = {}) => ({ ...fromSpec(SPEC, catalogue), ...change });
