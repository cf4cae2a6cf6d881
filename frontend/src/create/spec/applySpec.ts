import { EDITABLE_FIELDS } from "../../api/unsavedEdits";
import { type Catalogue, type FormValues, fromSpec, type Spec } from "../form/formValues";
import { toSpec } from "../form/toSpec";
import { readSpecText } from "./useSpecText";

/**
 * A spec that was read from a text, as the form's draft. Throws an Error with a sentence where the form would lose some of
 * it: what the form gives back is read anew and compared.
 */
export async function applySpec(spec: Spec, before: FormValues, catalogue: Catalogue): Promise<FormValues> {
  const made = fromSpec(spec, catalogue);
  // What stood in the form already stays the form's own; the rest is the person's.
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

/** Where two specs with all their defaults differ, as paths. */
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
