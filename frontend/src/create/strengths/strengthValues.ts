import type { Schemas } from "../../api/client";
import { parseNumber, writeNumber } from "./parseNumbers";
import { parseStrengths } from "./parseStrengths";
import { listGrid, type Scale } from "./strengthGrid";

/** Strengths as they stand in the form: both ways of giving them are kept, so that switching loses neither. */
export interface StrengthsDraft {
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

export function draftToStrengths(draft: StrengthsDraft): StrengthsSpec {
  if (draft.mode === "list") return parseStrengths(draft.list, draft.scale);
  return { from: parseNumber(draft.from), to: parseNumber(draft.to), count: draft.count, scale: draft.scale };
}

export function strengthsToDraft(spec: StrengthsSpec, scale: Scale): StrengthsDraft {
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
  const draft: StrengthsDraft = {
    mode: "grid",
    from: typeof spec.from === "number" ? writeNumber(spec.from) : spec.from,
    to: typeof spec.to === "number" ? writeNumber(spec.to) : spec.to,
    count: spec.count,
    scale: spec.scale,
    list: "",
  };
  return { ...draft, list: listStrengths(draft).map(writeNumber).join(", ") };
}

/** The strengths to preview; empty where what is typed does not make any yet. */
export function listStrengths(draft: StrengthsDraft): number[] {
  if (draft.mode === "list")
    return parseStrengths(draft.list, draft.scale).filter((value) => typeof value === "number");
  const [from, to, count] = [parseNumber(draft.from), parseNumber(draft.to), Number(draft.count)];
  if (typeof from !== "number" || typeof to !== "number" || !Number.isInteger(count)) return [];
  if (count < 1 || count > 1000 || (draft.scale === "log" && (from <= 0 || to <= 0))) return [];
  return listGrid(from, to, count, draft.scale);
}

/** Which strengths are legal, and which way they act, in words. */
export function describeLegal(legal: Schemas["StrengthRange"], zero = "0 is the baseline itself"): string {
  const { low, high, open_low: isOpen, whole, smaller_is_stronger: isReversed } = legal;
  const from = isOpen ? `above ${low}` : `${low} or more`;
  const range = high === null || high === undefined ? from : `${low} to below ${high}`;
  const sentence = `${whole ? "A whole number, " : ""}${range}`;
  const baseline = low === 0 && !isOpen ? `; ${zero}` : "";
  const direction = isReversed ? " Smaller is stronger." : "";
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${baseline}.${direction}`;
}
