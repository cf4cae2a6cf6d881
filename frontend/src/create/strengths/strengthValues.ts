import type { Schemas } from "../../api/client";
import { parseNumber, writeNumber } from "../../text/parseNumbers";
import { parseStrengths } from "./parseStrengths";
import { listGrid, type Scale } from "./strengthGrid";

/** Strengths in the form. Grid and list are both kept, so that switching loses neither. */
export interface StrengthValues {
  mode: "grid" | "list";
  from: string;
  to: string;
  count: number | string;
  scale: Scale;
  list: string;
}

export type StrengthsSpec =
  | { from: number | string; to: number | string; count: number | string; scale: Scale }
  | (number | string)[];

export function toStrengthsSpec(values: StrengthValues): StrengthsSpec {
  if (values.mode === "list") return parseStrengths(values.list, values.scale);
  return {
    from: parseNumber(values.from),
    to: parseNumber(values.to),
    count: values.count,
    scale: values.scale,
  };
}

export function fromStrengthsSpec(spec: StrengthsSpec, scale: Scale): StrengthValues {
  if (Array.isArray(spec)) {
    const numbers = spec.filter((value) => typeof value === "number");
    const positive = numbers.filter((value) => value > 0);
    const [low, high] = [Math.min(...positive), Math.max(...positive)];
    return {
      mode: "list",
      from: positive.length ? writeNumber(low) : "1e-4",
      to: positive.length ? writeNumber(high) : "1e-1",
      count: Math.max(numbers.length, 2),
      scale,
      list: spec.map((value) => (typeof value === "number" ? writeNumber(value) : value)).join(", "),
    };
  }
  const values: StrengthValues = {
    mode: "grid",
    from: typeof spec.from === "number" ? writeNumber(spec.from) : spec.from,
    to: typeof spec.to === "number" ? writeNumber(spec.to) : spec.to,
    count: spec.count,
    scale: spec.scale,
    list: "",
  };
  return { ...values, list: listStrengths(values).map(writeNumber).join(", ") };
}

/** The strengths for the preview; empty while the input is invalid. */
export function listStrengths(values: StrengthValues): number[] {
  if (values.mode === "list")
    return parseStrengths(values.list, values.scale).filter((value) => typeof value === "number");
  const [from, to, count] = [parseNumber(values.from), parseNumber(values.to), Number(values.count)];
  if (typeof from !== "number" || typeof to !== "number" || !Number.isInteger(count)) return [];
  if (count < 1 || count > 1000 || (values.scale === "log" && (from <= 0 || to <= 0))) return [];
  return listGrid(from, to, count, values.scale);
}

/** The legal strengths and their direction, in words. */
export function describeRange(legal: Schemas["StrengthRange"], zero = "0 is the baseline itself"): string {
  const { low, high, open_low: isOpen, whole, smaller_is_stronger: isReversed } = legal;
  const from = isOpen ? `above ${low}` : `${low} or more`;
  const range = high === null || high === undefined ? from : `${low} to below ${high}`;
  const sentence = `${whole ? "A whole number, " : ""}${range}`;
  const baseline = low === 0 && !isOpen ? `; ${zero}` : "";
  const direction = isReversed ? " Smaller is stronger." : "";
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${baseline}.${direction}`;
}
