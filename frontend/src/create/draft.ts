import type { Schemas } from "../api/client";
import { parseNumber, parseNumbers, writeNumber } from "./numbers";
import { draftToStrengths, type StrengthsDraft, type StrengthsSpec, strengthsToDraft } from "./strengths";

export type Catalogue = Schemas["Catalogue"];
export type Parameter = Schemas["Parameter"];
export type Spec = Schemas["ExperimentSpec"];

/** What a field holds. Numbers are kept as typed, so that half a number is not lost. */
export type FieldValue = string | boolean;
export interface Choice {
  name: string;
  parameters: Record<string, FieldValue>;
}
export interface RegularizerDraft extends Choice {
  /** Tells the cards apart; never sent. */
  id: string;
  strengths: StrengthsDraft;
}
/** The form's state: a spec as it is being typed. */
export interface Draft {
  name: string;
  notes: string;
  tags: string[];
  dataset: Choice;
  network: Choice;
  optimizer: Choice;
  regularizers: RegularizerDraft[];
  seeds: { mode: "count" | "list"; count: number | string; list: string };
  epochs: number | string;
  batch_size: number | string;
  precision: string;
  penalize_biases: boolean;
}

interface Entry {
  name: string;
  parameters?: Parameter[];
}

let cards = 0;
const nextId = () => `card-${++cards}`;

function writeValue(value: unknown): FieldValue {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "number") return writeNumber(value);
  return value === null || value === undefined ? "" : String(value);
}

function readValue(parameter: Parameter, value: FieldValue): unknown {
  if (typeof value === "boolean") return value;
  if (parameter.kind === "integers") return parseNumbers(value);
  if (parameter.kind === "choice")
    return parameter.choices?.find((choice) => String(choice) === value) ?? value;
  if (value.trim() === "") return parameter.optional ? null : "";
  return parseNumber(value);
}

/** An entry of the catalogue chosen anew: every parameter at its default, or at what `given` says. */
export function choose(entry: Entry, given: Record<string, unknown> = {}): Choice {
  const parameters = (entry.parameters ?? []).map((parameter) => {
    const value = given[parameter.name];
    return [parameter.name, writeValue(value === undefined ? parameter.default : value)] as const;
  });
  return { name: entry.name, parameters: Object.fromEntries(parameters) };
}

export function chooseRegularizer(
  entry: Schemas["Regularizer"],
  given: Record<string, unknown> = {},
): RegularizerDraft {
  const scale = entry.strength?.scale ?? "log";
  const strengths = (given.strengths ?? entry.strength?.default ?? []) as StrengthsSpec;
  return { ...choose(entry, given), id: nextId(), strengths: strengthsToDraft(strengths, scale) };
}

function find<E extends Entry>(entries: E[], name: string): E {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined)
    throw new Error(`The catalogue must hold ${name}; it holds ${entries.map((e) => e.name)}.`);
  return entry;
}

export function specToDraft(spec: Spec, catalogue: Catalogue): Draft {
  const { dataset, network, optimizer, regularizers = [], seeds = 3 } = spec;
  const isList = Array.isArray(seeds);
  return {
    name: spec.name ?? "",
    notes: spec.notes ?? "",
    tags: spec.tags ?? [],
    dataset: choose(find(catalogue.datasets, dataset.name), { ...dataset }),
    network: choose(find(catalogue.networks, network.name), { ...network }),
    optimizer: choose(find(catalogue.optimizers, optimizer.name), { ...optimizer }),
    regularizers: regularizers.map((given) =>
      chooseRegularizer(find(catalogue.regularizers, given.name), { ...given }),
    ),
    seeds: {
      mode: isList ? "list" : "count",
      count: isList ? seeds.length : seeds,
      list: (isList ? seeds : Array.from({ length: seeds }, (_, seed) => seed)).join(", "),
    },
    epochs: spec.epochs ?? 40,
    batch_size: spec.batch_size ?? 32,
    precision: spec.precision ?? "float32",
    penalize_biases: spec.penalize_biases ?? false,
  };
}

/** A form to fill from nothing: the catalogue's first data set, network and optimizer, and no regularizer. */
export function makeEmptySpec(catalogue: Catalogue): Spec {
  const [dataset, network, optimizer] = [
    catalogue.datasets[0],
    catalogue.networks[0],
    catalogue.optimizers[0],
  ];
  if (!dataset || !network || !optimizer)
    throw new Error("The catalogue must hold a data set, a network, an optimizer.");
  return {
    dataset: { name: dataset.name },
    network: { name: network.name },
    optimizer: { name: optimizer.name },
  } as Spec;
}

function choiceToSpec(choice: Choice, entries: Entry[]): Record<string, unknown> {
  const values = (find(entries, choice.name).parameters ?? []).flatMap((parameter) => {
    const value = readValue(parameter, choice.parameters[parameter.name] ?? "");
    const isDefault = JSON.stringify(value) === JSON.stringify(parameter.default);
    return value === null || isDefault ? [] : [[parameter.name, value] as const];
  });
  return { name: choice.name, ...Object.fromEntries(values) };
}

/**
 * The spec as it would be sent, with what stands at its default left out. It may be wrong: the API says what is, and
 * this keeps what was typed.
 */
export function draftToSpec(draft: Draft, catalogue: Catalogue): Spec {
  const spec = {
    ...(draft.name.trim() ? { name: draft.name } : {}),
    ...(draft.notes.trim() ? { notes: draft.notes } : {}),
    ...(draft.tags.length ? { tags: draft.tags } : {}),
    dataset: choiceToSpec(draft.dataset, catalogue.datasets),
    network: choiceToSpec(draft.network, catalogue.networks),
    optimizer: choiceToSpec(draft.optimizer, catalogue.optimizers),
    regularizers: draft.regularizers.map((card) => ({
      ...choiceToSpec(card, catalogue.regularizers),
      strengths: draftToStrengths(card.strengths),
    })),
    epochs: draft.epochs,
    batch_size: draft.batch_size,
    seeds: draft.seeds.mode === "list" ? parseNumbers(draft.seeds.list) : draft.seeds.count,
    ...(draft.precision === "float32" ? {} : { precision: draft.precision }),
    ...(draft.penalize_biases ? { penalize_biases: true } : {}),
  };
  return spec as unknown as Spec;
}
