import type { ErrorDetail } from "./client";

/** Errors by field path; "" for errors of no field. */
export type FieldErrors = Record<string, Placed>;
/** An error with the label of its field. */
export interface Placed {
  label: string;
  message: string;
}

/**
 * Assigns each of the API's error details to the form field with the longest matching path:
 * `regularizers.0.strengths.2` belongs to `regularizers.0.strengths`. Path parts unknown to the form, such as the name
 * of a union's member, are skipped.
 */
export function placeDetails(details: readonly ErrorDetail[], fields: readonly string[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const detail of details) {
    const field = detail.field === null ? "" : findField(detail.field, fields);
    const before = errors[field];
    // Without a field beside it, the message names its subject.
    const message = field === "" ? describeDetail(detail) : detail.message;
    if (before === undefined) errors[field] = { label: detail.label ?? "", message };
    else before.message = `${before.message} ${message}`;
  }
  return errors;
}

/** Messages by field path. */
export function placeErrors(
  details: readonly ErrorDetail[],
  fields: readonly string[],
): Record<string, string> {
  const placed = Object.entries(placeDetails(details, fields));
  return Object.fromEntries(placed.map(([field, { message }]) => [field, message]));
}

/** An error detail as a sentence with its subject. */
export function describeDetail({ label, message }: ErrorDetail): string {
  return label ? introduce(label, message) : message;
}

/** The message after the label of its field: `Epochs: expected a whole number.` */
export function introduce(label: string, message: string): string {
  const begins = /^(Expected|There is|A value) /.test(message);
  return `${label}: ${begins ? message.charAt(0).toLowerCase() + message.slice(1) : message}`;
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
