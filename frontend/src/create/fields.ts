import { createFormContext } from "@mantine/form";
import type { Choice, Draft } from "./draft";

export const [DraftProvider, useDraft, useDraftForm] = createFormContext<Draft>();

const PARTS = ["dataset", "network", "optimizer"] as const;
const GRID = ["from", "to", "count"] as const;
const PLAIN = [
  "seeds",
  "epochs",
  "batch_size",
  "precision",
  "penalize_biases",
  "name",
  "notes",
  "tags",
] as const;

/**
 * Every field by its path in the spec, which the API's errors name, with its path in the form. The spec's path is also
 * the id of the field's input.
 */
export function listFields(draft: Draft): Record<string, string> {
  const fields: Record<string, string> = { regularizers: "regularizers" };
  for (const part of PARTS) addChoice(fields, part, draft[part]);
  draft.regularizers.forEach((card, index) => {
    addChoice(fields, `regularizers.${index}`, card);
    const strengths = `regularizers.${index}.strengths`;
    const ends = card.strengths.mode === "grid" ? GRID.map((end) => `${strengths}.${end}`) : [];
    for (const path of [strengths, ...ends]) fields[path] = path;
  });
  for (const name of PLAIN) fields[name] = name;
  return fields;
}

function addChoice(fields: Record<string, string>, path: string, choice: Choice): void {
  fields[path] = `${path}.name`;
  fields[`${path}.name`] = `${path}.name`;
  for (const name of Object.keys(choice.parameters)) fields[`${path}.${name}`] = `${path}.parameters.${name}`;
}
