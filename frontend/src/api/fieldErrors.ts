import type { ErrorDetail } from "./client";

/** What is wrong by the field that it belongs to; "" holds what belongs to none. */
export type FieldErrors = Record<string, Placed>;
/** `label`: what the field is called. */
export interface Placed {
  label: string;
  message: string;
}

/**
 * Put each of the API's details beside a field of the form: the field with the longest matching path, so that
 * `regularizers.0.strengths.2` lands at `regularizers.0.strengths`. Path parts that the form does not know, such as the
 * name of a union's member, are passed over.
 */
export function placeDetails(details: readonly ErrorDetail[], fields: readonly string[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const detail of details) {
    const field = detail.field === null ? "" : findField(detail.field, fields);
    const before = errors[field];
    // Beside no field, the sentence has to say itself what it is about.
    const message = field === "" ? describeDetail(detail) : detail.message;
    if (before === undefined) errors[field] = { label: detail.label ?? "", message };
    else before.message = `${before.message} ${message}`;
  }
  return errors;
}

/** The messages alone. */
export function placeErrors(
  details: readonly ErrorDetail[],
  fields: readonly string[],
): Record<string, string> {
  const placed = Object.entries(placeDetails(details, fields));
  return Object.fromEntries(placed.map(([field, { message }]) => [field, message]));
}

/** A detail on its own: what it is about, and the sentence. */
export function describeDetail({ label, message }: ErrorDetail): string {
  return label ? introduce(label, message) : message;
}

/** The sentence behind what it is about: `Epochs: expected a whole number.` */
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
