import type { Schemas } from "../../api/client";
import { writeNumber } from "../strengths/parseNumbers";
import {
  listStrengths,
  type StrengthsDraft,
  type StrengthsSpec,
  strengthsToDraft,
} from "../strengths/strengthValues";
import { type Choice, choose, fill, findEntry, type Group } from "./catalogueChoice";

export type Catalogue = Schemas["Catalogue"];
export type Spec = Schemas["ExperimentSpec"];

export interface RegularizerDraft extends Choice {
  /** Tells the cards apart; never sent. */
  id: string;
  strengths: StrengthsDraft;
}
/** A regularizer that acts on every run, with its one strength. */
export interface FixedDraft extends Choice {
  id: string;
  strength: string;
}
/** The form's state: a spec as it is being typed. */
export interface Draft {
  name: string;
  notes: string;
  tags: string[];
  /** Which of these texts the form's source filled in, and nobody has edited; never sent. */
  prefilled: { name: boolean; notes: boolean; tags: boolean };
  dataset: Choice;
  augmentation: Group;
  network: Choice & { model: string };
  optimizer: Choice;
  schedule: Choice;
  regularizers: RegularizerDraft[];
  fixed: FixedDraft[];
  halving: Group & { isOn: boolean };
  seeds: { mode: "count" | "list"; count: number | string; list: string };
  epochs: number | string;
  batch: { mode: "number" | "full"; size: number | string };
  options: Group;
  penalize_biases: boolean;
}

const TORCHVISION = "torchvision";
// The first by name may take days here; this is the one that most people mean.
const FIRST_MODEL = "resnet18";

let cards = 0;
export const nextId = () => `card-${++cards}`;

/** The same draft, its cards named anew. */
export function identify(draft: Draft, makeId: () => string): Draft {
  const name = <Card extends { id: string }>(card: Card): Card => ({ ...card, id: makeId() });
  return { ...draft, regularizers: draft.regularizers.map(name), fixed: draft.fixed.map(name) };
}

export function chooseRegularizer(
  entry: Schemas["Regularizer"],
  given: Record<string, unknown> = {},
): RegularizerDraft {
  const scale = entry.strength?.scale ?? "log";
  const strengths = (given.strengths ?? entry.strength?.default ?? []) as StrengthsSpec;
  return { ...choose(entry, given), id: nextId(), strengths: strengthsToDraft(strengths, scale) };
}

/** A regularizer to act on every run; where none is given its strength is the middle of those that a sweep offers. */
export function chooseFixed(entry: Schemas["Regularizer"], given: Record<string, unknown> = {}): FixedDraft {
  const strengths = listStrengths(chooseRegularizer(entry, given).strengths);
  const strength = strengths[Math.floor(strengths.length / 2)];
  return {
    ...choose(entry, given),
    id: nextId(),
    strength: strength === undefined ? "" : writeNumber(strength),
  };
}

/** A network by its name in a spec, such as `torchvision:resnet18`. */
export function chooseNetwork(networks: Catalogue["networks"], given: { name: string }): Draft["network"] {
  const [name = "", model] = given.name.split(":");
  const entry = findEntry(networks, name);
  const first = entry.models.find((own) => own === FIRST_MODEL) ?? entry.models[0];
  return { ...choose(entry, { ...given }), model: model ?? first ?? "" };
}

/** The name of a network in a spec. */
export function nameNetwork(network: Draft["network"]): string {
  return network.name === TORCHVISION ? `${TORCHVISION}:${network.model}` : network.name;
}

export function specToDraft(spec: Spec, catalogue: Catalogue): Draft {
  const { dataset, optimizer, regularizers = [], fixed = [], seeds = 3, batch_size: size = 32 } = spec;
  const isList = Array.isArray(seeds);
  const schedule = spec.schedule ?? { name: "constant" };
  return {
    name: spec.name ?? "",
    notes: spec.notes ?? "",
    tags: spec.tags ?? [],
    prefilled: { name: Boolean(spec.name), notes: Boolean(spec.notes), tags: Boolean(spec.tags?.length) },
    dataset: choose(findEntry(catalogue.datasets, dataset.name), { ...dataset }),
    augmentation: fill(catalogue.augmentation, { ...dataset.augmentation }),
    network: chooseNetwork(catalogue.networks, spec.network),
    optimizer: choose(findEntry(catalogue.optimizers, optimizer.name), { ...optimizer }),
    schedule: choose(findEntry(catalogue.schedules, schedule.name), { ...schedule }),
    regularizers: regularizers.map((given) =>
      chooseRegularizer(findEntry(catalogue.regularizers, given.name), { ...given }),
    ),
    fixed: fixed.map((given) => chooseFixed(findEntry(catalogue.regularizers, given.name), { ...given })),
    halving: { isOn: spec.halving != null, ...fill(catalogue.halving, { ...spec.halving }) },
    seeds: {
      mode: isList ? "list" : "count",
      count: isList ? seeds.length : seeds,
      list: (isList ? seeds : Array.from({ length: seeds }, (_, seed) => seed)).join(", "),
    },
    epochs: spec.epochs ?? 40,
    batch: { mode: size === "full" ? "full" : "number", size: size === "full" ? 32 : size },
    options: fill(catalogue.options, { ...spec }),
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
