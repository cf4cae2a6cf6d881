import { parseNumber, parseNumbers } from "../../text/parseNumbers";
import { toStrengthsSpec } from "../strengths/strengthValues";
import { hasChanges, isFirst, toChoiceSpec, toParameters } from "./catalogueChoice";
import { type Catalogue, type FormValues, type Spec, writeNetworkName } from "./formValues";

/** Whether the data set consists of images, which can be augmented. */
export function hasImages(values: FormValues, catalogue: Catalogue): boolean {
  return catalogue.datasets.find((entry) => entry.name === values.dataset.name)?.shape.length === 3;
}

/** Whether the optimizer has a learning rate, to which a schedule applies. */
export function hasRate(values: FormValues): boolean {
  return "learning_rate" in values.optimizer.parameters;
}

/**
 * The spec to send, without defaults. Invalid input is kept as typed, for the API's error messages.
 */
export function toSpec(values: FormValues, catalogue: Catalogue): Spec {
  const { batch, seeds, halving } = values;
  const spec = {
    ...(values.name.trim() ? { name: values.name } : {}),
    ...(values.notes.trim() ? { notes: values.notes } : {}),
    ...(values.tags.length ? { tags: values.tags } : {}),
    dataset: writeDataset(values, catalogue),
    network: { ...toChoiceSpec(values.network, catalogue.networks), name: writeNetworkName(values.network) },
    optimizer: toChoiceSpec(values.optimizer, catalogue.optimizers),
    ...writeSchedule(values, catalogue),
    regularizers: values.regularizers.map((card) => ({
      ...toChoiceSpec(card, catalogue.regularizers),
      strengths: toStrengthsSpec(card.strengths),
    })),
    ...writeFixed(values, catalogue),
    epochs: values.epochs,
    batch_size: batch.mode === "full" ? "full" : batch.size,
    seeds: seeds.mode === "list" ? parseNumbers(seeds.list) : seeds.count,
    ...(halving.isOn ? { halving: toParameters(halving, catalogue.halving) } : {}),
    ...toParameters(values.options, catalogue.options),
    ...(values.penalize_biases ? { penalize_biases: true } : {}),
  };
  return spec as unknown as Spec;
}

function writeDataset(values: FormValues, catalogue: Catalogue): Record<string, unknown> {
  const { augmentation } = values;
  const isAugmented = hasImages(values, catalogue) && hasChanges(augmentation, catalogue.augmentation);
  return {
    ...toChoiceSpec(values.dataset, catalogue.datasets),
    ...(isFirst(values.split, catalogue.splits)
      ? {}
      : { split: toChoiceSpec(values.split, catalogue.splits) }),
    ...(isAugmented ? { augmentation: toParameters(augmentation, catalogue.augmentation) } : {}),
  };
}

function writeSchedule(values: FormValues, catalogue: Catalogue): Record<string, unknown> {
  const schedule = toChoiceSpec(values.schedule, catalogue.schedules);
  const isPlain = values.schedule.name === "constant" && Object.keys(schedule).length === 1;
  return isPlain || !hasRate(values) ? {} : { schedule };
}

function writeFixed(values: FormValues, catalogue: Catalogue): Record<string, unknown> {
  if (values.fixed.length === 0) return {};
  const fixed = values.fixed.map((one) => ({
    ...toChoiceSpec(one, catalogue.regularizers),
    strengths: [parseNumber(one.strength)],
  }));
  return { fixed };
}
