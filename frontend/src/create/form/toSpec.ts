import { parseNumber, parseNumbers } from "../strengths/parseNumbers";
import { draftToStrengths } from "../strengths/strengthValues";
import { hasChanges, readChoice, readGroup } from "./catalogueChoice";
import { type Catalogue, type Draft, nameNetwork, type Spec } from "./formValues";

/** Whether the chosen data are images, which alone can be augmented. */
export function hasImages(draft: Draft, catalogue: Catalogue): boolean {
  return catalogue.datasets.find((entry) => entry.name === draft.dataset.name)?.shape.length === 3;
}

/** Whether the chosen optimizer has a learning rate that a schedule can change. */
export function hasRate(draft: Draft): boolean {
  return "learning_rate" in draft.optimizer.parameters;
}

/**
 * The spec as it would be sent, with what stands at its default left out. It may be wrong: the API says what is, and
 * this keeps what was typed.
 */
export function draftToSpec(draft: Draft, catalogue: Catalogue): Spec {
  const { batch, seeds, halving } = draft;
  const spec = {
    ...(draft.name.trim() ? { name: draft.name } : {}),
    ...(draft.notes.trim() ? { notes: draft.notes } : {}),
    ...(draft.tags.length ? { tags: draft.tags } : {}),
    dataset: writeDataset(draft, catalogue),
    network: { ...readChoice(draft.network, catalogue.networks), name: nameNetwork(draft.network) },
    optimizer: readChoice(draft.optimizer, catalogue.optimizers),
    ...writeSchedule(draft, catalogue),
    regularizers: draft.regularizers.map((card) => ({
      ...readChoice(card, catalogue.regularizers),
      strengths: draftToStrengths(card.strengths),
    })),
    ...writeFixed(draft, catalogue),
    epochs: draft.epochs,
    batch_size: batch.mode === "full" ? "full" : batch.size,
    seeds: seeds.mode === "list" ? parseNumbers(seeds.list) : seeds.count,
    ...(halving.isOn ? { halving: readGroup(halving, catalogue.halving) } : {}),
    ...readGroup(draft.options, catalogue.options),
    ...(draft.penalize_biases ? { penalize_biases: true } : {}),
  };
  return spec as unknown as Spec;
}

function writeDataset(draft: Draft, catalogue: Catalogue): Record<string, unknown> {
  const { augmentation } = draft;
  const isAugmented = hasImages(draft, catalogue) && hasChanges(augmentation, catalogue.augmentation);
  return {
    ...readChoice(draft.dataset, catalogue.datasets),
    ...(isAugmented ? { augmentation: readGroup(augmentation, catalogue.augmentation) } : {}),
  };
}

function writeSchedule(draft: Draft, catalogue: Catalogue): Record<string, unknown> {
  const schedule = readChoice(draft.schedule, catalogue.schedules);
  const isPlain = draft.schedule.name === "constant" && Object.keys(schedule).length === 1;
  return isPlain || !hasRate(draft) ? {} : { schedule };
}

function writeFixed(draft: Draft, catalogue: Catalogue): Record<string, unknown> {
  if (draft.fixed.length === 0) return {};
  const fixed = draft.fixed.map((one) => ({
    ...readChoice(one, catalogue.regularizers),
    strengths: [parseNumber(one.strength)],
  }));
  return { fixed };
}
