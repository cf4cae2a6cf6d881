import type { Schemas } from "../../api/client";
import { parseNumber, parseNumbers, writeNumber } from "../../text/parseNumbers";

export type Parameter = Schemas["Parameter"];

/** The value of an input; numbers are kept as typed. */
export type FieldValue = string | boolean;
/** Values of parameters that the catalogue describes. */
export interface ParameterValues {
  parameters: Record<string, FieldValue>;
}
/** A chosen entry of the catalogue. */
export interface Choice extends ParameterValues {
  name: string;
}
export interface Entry {
  name: string;
  parameters?: Parameter[];
}

function writeValue(value: unknown): FieldValue {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "number") return writeNumber(value);
  return value === null || value === undefined ? "" : String(value);
}

function readValue(parameter: Parameter, value: FieldValue): unknown {
  if (typeof value === "boolean") return value;
  if (parameter.kind === "integers") return parseNumbers(value);
  if (value.trim() === "") return parameter.optional ? null : "";
  if (parameter.kind === "choice")
    return parameter.choices?.find((choice) => String(choice) === value) ?? value;
  return parseNumber(value);
}

/** Values of parameters: from `given`, else defaults. */
export function fillParameters(
  parameters: readonly Parameter[],
  given: Record<string, unknown> = {},
): ParameterValues {
  const values = parameters.map((parameter) => {
    const value = given[parameter.name];
    return [parameter.name, writeValue(value === undefined ? parameter.default : value)] as const;
  });
  return { parameters: Object.fromEntries(values) };
}

/** Chooses an entry of the catalogue, with values from `given` or defaults. */
export function chooseEntry(entry: Entry, given: Record<string, unknown> = {}): Choice {
  return { name: entry.name, ...fillParameters(entry.parameters ?? [], given) };
}

/** The parameters that are not at their default, for the spec. */
export function toParameters(
  group: ParameterValues,
  parameters: readonly Parameter[],
): Record<string, unknown> {
  const values = parameters.flatMap((parameter) => {
    const value = readValue(parameter, group.parameters[parameter.name] ?? "");
    const isDefault = JSON.stringify(value) === JSON.stringify(parameter.default);
    return value === null || isDefault ? [] : [[parameter.name, value] as const];
  });
  return Object.fromEntries(values);
}

export function toChoiceSpec(choice: Choice, entries: readonly Entry[]): Record<string, unknown> {
  return { name: choice.name, ...toParameters(choice, findEntry(entries, choice.name).parameters ?? []) };
}

/** Whether any parameter is not at its default. */
export function hasChanges(group: ParameterValues, parameters: readonly Parameter[]): boolean {
  return Object.keys(toParameters(group, parameters)).length > 0;
}

/** Whether the choice is the first of the entries, with every parameter at its default. */
export function isFirst(choice: Choice, entries: readonly Entry[]): boolean {
  const [first] = entries;
  return first?.name === choice.name && !hasChanges(choice, first.parameters ?? []);
}

export function findEntry<E extends Entry>(entries: readonly E[], name: string): E {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined)
    throw new Error(`The catalogue must hold ${name}; it holds ${entries.map((e) => e.name)}.`);
  return entry;
}
