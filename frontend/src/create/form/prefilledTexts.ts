import { EDITABLE_FIELDS } from "../../api/unsavedEdits";
import type { FormValues } from "./formValues";

/** A text that the template fills in. */
export type PrefilledText = (typeof EDITABLE_FIELDS)[number];

/**
 * Updates of prefilled texts that nobody has edited: the template's while the form matches what they describe, else
 * empty.
 *
 * The demonstration's texts describe its data, network and regularizers; an earlier experiment's texts only its data.
 */
export function updatePrefilled(
  values: FormValues,
  template: FormValues,
  kind: string,
): Partial<Pick<FormValues, PrefilledText>> {
  const isTrue = describe(values, kind) === describe(template, kind);
  const followed = EDITABLE_FIELDS.filter((text) => values.prefilled[text]).map((text) => {
    const empty = text === "tags" ? [] : "";
    return [text, isTrue ? template[text] : empty] as const;
  });
  const changed = followed.filter(([text, value]) => JSON.stringify(value) !== JSON.stringify(values[text]));
  return Object.fromEntries(changed);
}

/** The prefilled texts that are cleared now. */
export function listCleared(values: FormValues, template: FormValues): PrefilledText[] {
  return EDITABLE_FIELDS.filter(
    (text) => values.prefilled[text] && values[text].length === 0 && template[text].length > 0,
  );
}

function describe(values: FormValues, kind: string): string {
  const names = (chosen: readonly { name: string }[]) => chosen.map(({ name }) => name).sort();
  const more = kind === "demonstration" ? [values.network.name, names(values.regularizers)] : [];
  return JSON.stringify([values.dataset.name, ...more]);
}
