import { createFormContext } from "@mantine/form";
import type { Choice, ParameterValues } from "./catalogueChoice";
import type { FormValues } from "./formValues";

export const [FormProvider, useFormContext, useExperimentForm] = createFormContext<FormValues>();

const CHOICES = ["dataset", "network", "optimizer", "schedule"] as const;
const GRID = ["from", "to", "count"] as const;
const PLAIN = ["seeds", "epochs", "penalize_biases", "name", "notes", "tags"] as const;

/**
 * Paths in the form by path in the spec, as in the API's errors. The path in the spec is also the id of the input.
 */
export function listFields(values: FormValues): Record<string, string> {
  const fields: Record<string, string> = { regularizers: "regularizers", fixed: "fixed", halving: "halving" };
  for (const part of CHOICES) addChoice(fields, part, values[part]);
  fields["dataset.split"] = fields["dataset.split.name"] = "split.name";
  addGroup(fields, "dataset.split.", "split", values.split);
  addGroup(fields, "dataset.augmentation.", "augmentation", values.augmentation);
  addGroup(fields, "", "options", values.options);
  if (values.halving.isOn) addGroup(fields, "halving.", "halving", values.halving);
  values.regularizers.forEach((card, index) => {
    addChoice(fields, `regularizers.${index}`, card);
    const strengths = `regularizers.${index}.strengths`;
    const ends = card.strengths.mode === "grid" ? GRID.map((end) => `${strengths}.${end}`) : [];
    for (const path of [strengths, ...ends]) fields[path] = path;
  });
  values.fixed.forEach((one, index) => {
    addChoice(fields, `fixed.${index}`, one);
    fields[`fixed.${index}.strengths`] = `fixed.${index}.strength`;
  });
  for (const name of PLAIN) fields[name] = name;
  return { ...fields, batch_size: "batch.size" };
}

function addChoice(fields: Record<string, string>, path: string, choice: Choice): void {
  fields[path] = `${path}.name`;
  fields[`${path}.name`] = `${path}.name`;
  addGroup(fields, `${path}.`, path, choice);
}

function addGroup(
  fields: Record<string, string>,
  before: string,
  place: string,
  group: ParameterValues,
): void {
  for (const name of Object.keys(group.parameters))
    fields[`${before}${name}`] = `${place}.parameters.${name}`;
}
