import { EDITABLE_FIELDS } from "../../api/unsavedEdits";
import type { Catalogue, FormValues, Spec } from "../form/formValues";
import { fromSpec } from "../form/fromSpec";
import { toSpec } from "../form/toSpec";
import { readSpecText } from "./useSpecText";

/**
 * The form's values of a spec that was edited as text. Throws an Error if the form would lose a part of it: its own
 * spec is validated and compared.
 */
export async function applySpec(spec: Spec, before: FormValues, catalogue: Catalogue): Promise<FormValues> {
  const made = fromSpec(spec, catalogue);
  // Unchanged texts remain prefilled; changed ones are the person's own.
  const kept = EDITABLE_FIELDS.map((text) => {
    const isSame = JSON.stringify(made[text]) === JSON.stringify(before[text]);
    return [text, isSame && before.prefilled[text]] as const;
  });
  const values = { ...made, prefilled: Object.fromEntries(kept) as FormValues["prefilled"] };
  const back = await readSpecText(JSON.stringify(toSpec(values, catalogue)));
  const lost = listDifferences(spec, back.spec);
  if (lost.length > 0)
    throw new Error(
      `The form cannot show all of this, and would lose: ${lost.join(", ")}. Start it with curl.`,
    );
  return values;
}

/** Paths at which two specs with all their defaults differ. */
export function listDifferences(one: unknown, other: unknown, path = ""): string[] {
  if (isFields(one) && isFields(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return keys.flatMap((key) => listDifferences(one[key], other[key], path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.flatMap((item, index) => listDifferences(item, other[index], `${path}.${index}`));
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null) ? [] : [path];
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
