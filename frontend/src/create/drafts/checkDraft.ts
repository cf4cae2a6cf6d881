import {
  type Choice,
  chooseEntry,
  type Entry,
  type FieldValue,
  fillParameters,
  findEntry,
  type Parameter,
  type ParameterValues,
} from "../form/catalogueChoice";
import {
  assignIds,
  type Catalogue,
  type FormValues,
  nextId,
  type RegularizerValues,
} from "../form/formValues";
import type { StrengthValues } from "../strengths/strengthValues";

type Fields = Record<string, unknown>;

/** A saved draft does not match this version of the form or catalogue. */
class UnusableError extends Error {}

/** Validates a saved draft field by field; null if this form cannot show all of it. */
export function checkDraft(kept: unknown, catalogue: Catalogue): FormValues | null {
  try {
    return assignIds(checkValues(kept, catalogue), nextId);
  } catch (error) {
    if (error instanceof UnusableError) return null;
    throw error;
  }
}

function checkValues(kept: unknown, catalogue: Catalogue): FormValues {
  const draft = asFields(kept);
  const network = asFields(draft.network);
  const halving = asFields(draft.halving);
  const [seeds, batch, prefilled] = [asFields(draft.seeds), asFields(draft.batch), asFields(draft.prefilled)];
  return {
    name: asText(draft.name),
    notes: asText(draft.notes),
    tags: asList(draft.tags).map(asText),
    prefilled: {
      name: asTruth(prefilled.name),
      notes: asTruth(prefilled.notes),
      tags: asTruth(prefilled.tags),
    },
    dataset: checkChoice(draft.dataset, catalogue.datasets),
    // Drafts of before have none.
    split: checkChoice(draft.split ?? chooseEntry(findEntry(catalogue.splits, "fixed")), catalogue.splits),
    augmentation: checkParameters(draft.augmentation, catalogue.augmentation),
    network: { ...checkChoice(network, catalogue.networks), model: asText(network.model) },
    optimizer: checkChoice(draft.optimizer, catalogue.optimizers),
    schedule: checkChoice(draft.schedule, catalogue.schedules),
    regularizers: asList(draft.regularizers).map((card) => checkCard(card, catalogue)),
    fixed: asList(draft.fixed).map((one) => ({
      ...checkChoice(one, catalogue.regularizers),
      id: "",
      strength: asText(asFields(one).strength),
    })),
    halving: { isOn: asTruth(halving.isOn), ...checkParameters(halving, catalogue.halving) },
    seeds: {
      mode: asOneOf(seeds.mode, ["count", "list"]),
      count: asNumber(seeds.count),
      list: asText(seeds.list),
    },
    epochs: asNumber(draft.epochs),
    batch: { mode: asOneOf(batch.mode, ["number", "full"]), size: asNumber(batch.size) },
    options: checkParameters(draft.options, catalogue.options),
    penalize_biases: asTruth(draft.penalize_biases),
  };
}

function checkCard(value: unknown, catalogue: Catalogue): RegularizerValues {
  const strengths = asFields(asFields(value).strengths);
  const read: StrengthValues = {
    mode: asOneOf(strengths.mode, ["grid", "list"]),
    from: asText(strengths.from),
    to: asText(strengths.to),
    count: asNumber(strengths.count),
    scale: asOneOf(strengths.scale, ["log", "linear"]),
    list: asText(strengths.list),
  };
  return { ...checkChoice(value, catalogue.regularizers), id: "", strengths: read };
}

function checkChoice(value: unknown, entries: readonly Entry[]): Choice {
  const name = asText(asFields(value).name);
  const entry = entries.find((candidate) => candidate.name === name) ?? refuse();
  return { ...chooseEntry(entry), ...checkParameters(value, entry.parameters ?? []) };
}

/** New parameters get their default; a removed one makes the draft unusable. */
function checkParameters(value: unknown, parameters: readonly Parameter[]): ParameterValues {
  const group = fillParameters(parameters);
  for (const [name, field] of Object.entries(asFields(asFields(value).parameters))) {
    if (!(name in group.parameters) || typeof field !== typeof group.parameters[name]) refuse();
    group.parameters[name] = field as FieldValue;
  }
  return group;
}

function refuse(): never {
  throw new UnusableError();
}

const asFields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : refuse();
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : refuse());
const asText = (value: unknown): string => (typeof value === "string" ? value : refuse());
const asTruth = (value: unknown): boolean => (typeof value === "boolean" ? value : refuse());
const asNumber = (value: unknown): number | string =>
  typeof value === "number" || typeof value === "string" ? value : refuse();
const asOneOf = <Word extends string>(value: unknown, words: readonly Word[]): Word =>
  words.find((word) => word === value) ?? refuse();
