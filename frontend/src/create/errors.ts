import type { ErrorDetail } from "../api/client";

/** Messages by the field that they belong to; "" holds what belongs to none. */
export type FieldErrors = Record<string, string>;

/**
 * Put each of the API's details beside a field of the form: the field with the longest matching path, so that
 * `regularizers.0.strengths.2` lands at `regularizers.0.strengths`. Path parts that the form does not know, such as the
 * name of a union's member, are passed over.
 */
export function placeErrors(details: readonly ErrorDetail[], fields: readonly string[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const detail of details) {
    const field = detail.field === null ? "" : findField(detail.field, fields);
    const before = errors[field];
    errors[field] = before === undefined ? detail.message : `${before} ${detail.message}`;
  }
  return errors;
}

/** `regularizers.0.strengths` as one would say it: Regularizers 1, strengths. */
export function nameField(field: string): string {
  const words = field
    .split(".")
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part.replaceAll("_", " ")));
  const text = words.join(", ").replace(/, (\d+)/g, " $1");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function findField(path: string, fields: readonly string[]): string {
  const known = new Set(fields);
  let place = "";
  for (const part of path.split(".").filter((piece) => piece !== "body")) {
    const next = place === "" ? part : `${place}.${part}`;
    const leads = known.has(next) || fields.some((field) => field.startsWith(`${next}.`));
    if (leads) place = next;
  }
  while (place !== "" && !known.has(place)) place = place.slice(0, Math.max(place.lastIndexOf("."), 0));
  return place;
}
