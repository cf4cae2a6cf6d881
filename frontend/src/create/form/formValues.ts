import type { Schemas } from "../../api/client";
import { writeNumber } from "../../text/parseNumbers";
import {
  fromStrengthsSpec,
  listStrengths,
  type StrengthsSpec,
  type StrengthValues,
} from "../strengths/strengthValues";
import { type Choice, chooseEntry, findEntry, type ParameterValues } from "./catalogueChoice";

export type Catalogue = Schemas["Catalogue"];
export type Spec = Schemas["ExperimentSpec"];

export interface RegularizerValues extends Choice {
  /** React key of the card; not sent. */
  id: string;
  strengths: StrengthValues;
}
/** A regularizer of every run, with one strength. */
export interface FixedValues extends Choice {
  id: string;
  strength: string;
}
/** The values of the form: a spec while it is typed. */
export interface FormValues {
  name: string;
  notes: string;
  tags: string[];
  /** Which texts come from the template unedited; not sent. */
  prefilled: { name: boolean; notes: boolean; tags: boolean };
  dataset: Choice;
  /** Which rows train, validate and test: `dataset.split`. */
  split: Choice;
  augmentation: ParameterValues;
  network: Choice & { model: string };
  optimizer: Choice;
  schedule: Choice;
  regularizers: RegularizerValues[];
  fixed: FixedValues[];
  halving: ParameterValues & { isOn: boolean };
  seeds: { mode: "count" | "list"; count: number | string; list: string };
  epochs: number | string;
  batch: { mode: "number" | "full"; size: number | string };
  options: ParameterValues;
  penalize_biases: boolean;
}

const TORCHVISION = "torchvision";
// The default model: the first by name would take too long to train.
const FIRST_MODEL = "resnet18";

let cards = 0;
export const nextId = () => `card-${++cards}`;

/** The same values with new ids of their cards. */
export function assignIds(values: FormValues, makeId: () => string): FormValues {
  const name = <Card extends { id: string }>(card: Card): Card => ({ ...card, id: makeId() });
  return { ...values, regularizers: values.regularizers.map(name), fixed: values.fixed.map(name) };
}

export function chooseRegularizer(
  entry: Schemas["Regularizer"],
  given: Record<string, unknown> = {},
): RegularizerValues {
  const scale = entry.strength?.scale ?? "log";
  const strengths = (given.strengths ?? entry.strength?.default ?? []) as StrengthsSpec;
  return { ...chooseEntry(entry, given), id: nextId(), strengths: fromStrengthsSpec(strengths, scale) };
}

/** A regularizer of every run; its default strength is the middle of the default sweep. */
export function chooseFixed(entry: Schemas["Regularizer"], given: Record<string, unknown> = {}): FixedValues {
  const strengths = listStrengths(chooseRegularizer(entry, given).strengths);
  const strength = strengths[Math.floor(strengths.length / 2)];
  return {
    ...chooseEntry(entry, given),
    id: nextId(),
    strength: strength === undefined ? "" : writeNumber(strength),
  };
}

/** A network from its name in a spec, such as `torchvision:resnet18`. */
export function chooseNetwork(
  networks: Catalogue["networks"],
  given: { name: string },
): FormValues["network"] {
  const [name = "", model] = given.name.split(":");
  const entry = findEntry(networks, name);
  const first = entry.models.find((own) => own === FIRST_MODEL) ?? entry.models[0];
  return { ...chooseEntry(entry, { ...given }), model: model ?? first ?? "" };
}

/** The name of a network in a spec. */
export function writeNetworkName(network: FormValues["network"]): string {
  return network.name === TORCHVISION ? `${TORCHVISION}:${network.model}` : network.name;
}
