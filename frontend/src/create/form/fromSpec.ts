import { chooseEntry, fillParameters, findEntry } from "./catalogueChoice";
import {
  type Catalogue,
  chooseFixed,
  chooseNetwork,
  chooseRegularizer,
  type FormValues,
  type Spec,
} from "./formValues";

/** The form's values of a spec. */
export function fromSpec(spec: Spec, catalogue: Catalogue): FormValues {
  const { dataset, optimizer, regularizers = [], fixed = [], seeds = 3, batch_size: size = 32 } = spec;
  const isList = Array.isArray(seeds);
  const split = dataset.split ?? { name: "fixed" };
  const schedule = spec.schedule ?? { name: "constant" };
  return {
    name: spec.name ?? "",
    notes: spec.notes ?? "",
    tags: spec.tags ?? [],
    prefilled: { name: Boolean(spec.name), notes: Boolean(spec.notes), tags: Boolean(spec.tags?.length) },
    dataset: chooseEntry(findEntry(catalogue.datasets, dataset.name), { ...dataset }),
    split: chooseEntry(findEntry(catalogue.splits, split.name), { ...split }),
    augmentation: fillParameters(catalogue.augmentation, { ...dataset.augmentation }),
    network: chooseNetwork(catalogue.networks, spec.network),
    optimizer: chooseEntry(findEntry(catalogue.optimizers, optimizer.name), { ...optimizer }),
    schedule: chooseEntry(findEntry(catalogue.schedules, schedule.name), { ...schedule }),
    regularizers: regularizers.map((given) =>
      chooseRegularizer(findEntry(catalogue.regularizers, given.name), { ...given }),
    ),
    fixed: fixed.map((given) => chooseFixed(findEntry(catalogue.regularizers, given.name), { ...given })),
    halving: { isOn: spec.halving != null, ...fillParameters(catalogue.halving, { ...spec.halving }) },
    seeds: {
      mode: isList ? "list" : "count",
      count: isList ? seeds.length : seeds,
      list: (isList ? seeds : Array.from({ length: seeds }, (_, seed) => seed)).join(", "),
    },
    epochs: spec.epochs ?? 40,
    batch: { mode: size === "full" ? "full" : "number", size: size === "full" ? 32 : size },
    options: fillParameters(catalogue.options, { ...spec }),
    penalize_biases: spec.penalize_biases ?? false,
  };
}

/** The empty template: the catalogue's first data set, network and optimizer, no regularizers. */
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
