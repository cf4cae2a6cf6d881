import {
  type Choice,
  choose,
  type Entry,
  type FieldValue,
  fill,
  type Group,
  type Parameter,
} from "../form/catalogueChoice";
import { type Catalogue, type Draft, identify, nextId, type RegularizerDraft } from "../form/formValues";
import type { StrengthsDraft } from "../strengths/strengthValues";

type Fields = Record<string, unknown>;

/** What a draft that was kept lacks, or has too much, for this form and this catalogue. */
class UnusableError extends Error {}

/** A draft as it was kept, checked field by field; null where this form cannot show it whole. */
export function readDraft(kept: unknown, catalogue: Catalogue): Draft | null {
  try {
    return identify(read(kept, catalogue), nextId);
  } catch (error) {
    if (error instanceof UnusableError) return null;
    throw error;
  }
}

function read(kept: unknown, catalogue: Catalogue): Draft {
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
    dataset: readChoice(draft.dataset, catalogue.datasets),
    augmentation: readGroup(draft.augmentation, catalogue.augmentation),
    network: { ...readChoice(network, catalogue.networks), model: asText(network.model) },
    optimizer: readChoice(draft.optimizer, catalogue.optimizers),
    schedule: readChoice(draft.schedule, catalogue.schedules),
    regularizers: asList(draft.regularizers).map((card) => readCard(card, catalogue)),
    fixed: asList(draft.fixed).map((one) => ({
      ...readChoice(one, catalogue.regularizers),
      id: "",
      strength: asText(asFields(one).strength),
    })),
    halving: { isOn: asTruth(halving.isOn), ...readGroup(halving, catalogue.halving) },
    seeds: {
      mode: asOneOf(seeds.mode, ["count", "list"]),
      count: asNumber(seeds.count),
      list: asText(seeds.list),
    },
    epochs: asNumber(draft.epochs),
    batch: { mode: asOneOf(batch.mode, ["number", "full"]), size: asNumber(batch.size) },
    options: readGroup(draft.options, catalogue.options),
    penalize_biases: asTruth(draft.penalize_biases),
  };
}

function readCard(value: unknown, catalogue: Catalogue): RegularizerDraft {
  const strengths = asFields(asFields(value).strengths);
  const read: StrengthsDraft = {
    mode: asOneOf(strengths.mode, ["grid", "list"]),
    from: asText(strengths.from),
    to: asText(strengths.to),
    count: asNumber(strengths.count),
    scale: asOneOf(strengths.scale, ["log", "linear"]),
    list: asText(strengths.list),
  };
  return { ...readChoice(value, catalogue.regularizers), id: "", strengths: read };
}

function readChoice(value: unknown, entries: readonly Entry[]): Choice {
  const name = asText(asFields(value).name);
  const entry = entries.find((candidate) => candidate.name === name) ?? refuse();
  return { ...choose(entry), ...readGroup(value, entry.parameters ?? []) };
}

/** Parameters that are new stand at their default; one that is gone has no place to be shown. */
function readGroup(value: unknown, parameters: readonly Parameter[]): Group {
  const group = fill(parameters);
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
