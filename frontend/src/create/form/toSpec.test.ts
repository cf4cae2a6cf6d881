import { expect, test } from "vitest";
import type { Catalogue, Spec } from "./formValues";
import { fromSpec } from "./fromSpec";
import { toSpec } from "./toSpec";

const number = (name: string, fallback: number | null, more: object = {}) => ({
  name,
  label: name,
  help: "",
  kind: "number",
  default: fallback,
  optional: fallback === null,
  ...more,
});
const RANGE = {
  low: 0,
  high: null,
  open_low: false,
  whole: false,
  smaller_is_stronger: false,
  scale: "log",
  default: [1e-4],
};
const regularizer = (name: string, parameters: object[] = []) => ({
  name,
  symbol: "λ",
  strength: RANGE,
  parameters,
});

const catalogue = {
  datasets: [
    { name: "digits", shape: [8, 8, 1], parameters: [number("divide_by", null)] },
    { name: "wine", shape: [13], parameters: [] },
  ],
  splits: [
    { name: "fixed", parameters: [{ ...number("shuffled", null), kind: "boolean", default: true }] },
    { name: "by_seed", parameters: [] },
    {
      name: "folds",
      parameters: [number("k", 10), { ...number("shuffled", null), kind: "boolean", default: true }],
    },
  ],
  networks: [
    { name: "linear", models: [], parameters: [] },
    { name: "torchvision", models: ["alexnet", "resnet18"], parameters: [] },
  ],
  optimizers: [
    { name: "sgd", parameters: [number("learning_rate", 0.01)] },
    { name: "fista", parameters: [] },
  ],
  schedules: [
    { name: "constant", parameters: [number("warmup_epochs", 0)] },
    { name: "cosine", parameters: [number("warmup_epochs", 0), number("final", 0)] },
  ],
  regularizers: [regularizer("l2"), regularizer("elastic_net", [number("mixing", 0.5)])],
  options: [number("clip_norm", null)],
  augmentation: [number("crop", 0)],
  halving: [number("at", null, { kind: "integers", optional: false }), number("keep", 0.5)],
} as unknown as Catalogue;

const plain = {
  dataset: { name: "digits" },
  network: { name: "linear" },
  optimizer: { name: "sgd" },
  regularizers: [],
  epochs: 40,
  batch_size: 32,
  seeds: 3,
};
const rebuild = (spec: object) => toSpec(fromSpec(spec as Spec, catalogue), catalogue);

test("a spec that says nothing beyond the defaults comes back as it is", () => {
  expect(rebuild(plain)).toEqual(plain);
});

test("all that a sweep may ask comes back as it is", () => {
  const spec = {
    ...plain,
    dataset: {
      name: "digits",
      divide_by: 16,
      split: { name: "folds", k: 5, shuffled: false },
      augmentation: { crop: 2 },
    },
    network: { name: "torchvision:resnet18" },
    schedule: { name: "cosine", warmup_epochs: 2 },
    fixed: [{ name: "elastic_net", mixing: 0.2, strengths: [1e-3] }],
    batch_size: "full",
    halving: { at: [5, 10] },
    clip_norm: 1,
    penalize_biases: true,
  };
  expect(rebuild(spec)).toEqual(spec);
});

test("what cannot apply is not sent: pictures of tables, the schedule of steps that have no rate", () => {
  const draft = fromSpec(
    {
      ...plain,
      dataset: { name: "digits", augmentation: { crop: 2 } },
      schedule: { name: "cosine" },
    } as unknown as Spec,
    catalogue,
  );
  const other = {
    ...draft,
    dataset: { name: "wine", parameters: {} },
    optimizer: { name: "fista", parameters: {} },
  };
  expect(toSpec(other, catalogue)).toEqual({
    ...plain,
    dataset: { name: "wine" },
    optimizer: { name: "fista" },
  });
});

test("what is half typed is sent as it stands, for the API to refuse", () => {
  const draft = fromSpec({ ...plain, halving: { at: [5] } } as unknown as Spec, catalogue);
  draft.halving.parameters.at = "";
  draft.options.parameters.clip_norm = "tight";
  expect(toSpec(draft, catalogue)).toMatchObject({ halving: { at: [] }, clip_norm: "tight" });
});
