import { getSymbol, labelRegularizer } from "../../../text/regularizers";
import { nameStrength } from "../../../text/strengths";
import type { Experiment } from "../../types";

/** The regularizers of every run: `L2, λ = 10⁻⁴`; empty without any. */
export function nameFixed(spec: Experiment["spec"]): string {
  const names = (spec.fixed ?? []).map(({ name, strengths, ...parameters }) => {
    const inner = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
    const key = inner.length > 0 ? `${name}(${inner.join(",")})` : name;
    const strength = Array.isArray(strengths) ? strengths[0] : strengths.from;
    return `${labelRegularizer(key)}, ${nameStrength(getSymbol(key), strength ?? 0)}`;
  });
  return joinWords(names);
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
