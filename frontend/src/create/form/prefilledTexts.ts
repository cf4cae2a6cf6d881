import { EDITABLE_FIELDS } from "../../api/unsavedEdits";
import type { FormValues } from "./formValues";

/** The texts that a form starts with, and that describe what it starts with. */
export type PrefilledText = (typeof EDITABLE_FIELDS)[number];

/**
 * The texts that were filled in and that nobody has edited, as they are to stand now: as the template has them while the
 * form still asks for what they describe, and empty once it asks for something else.
 *
 * The demonstration's texts describe its data, its network and its regularizers; an earlier experiment's may well go on to
 * be true of another network, but not of other data.
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

/** What was filled in and is cleared now, if anything. */
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
