// Labels, symbols and axes of regularizers where neither a figure nor the catalogue is loaded: both contain their own.

const PROBABILITIES: readonly string[] = ["dropout", "label_smoothing", "stochastic_depth"];
// Symbols of strengths other than λ.
const SYMBOLS: Record<string, string> = {
  dropout: "p",
  stochastic_depth: "p",
  label_smoothing: "ε",
  mixup: "α",
  gaussian_noise: "σ",
  sam: "ρ",
  max_norm: "c",
  early_stopping: "patience",
};
const LABELS: Record<string, string> = {
  none: "Baseline",
  l1: "L1",
  l2: "L2",
  l1_subgradient: "L1 (subgradient)",
  sam: "SAM",
};

/** The name and the parameters in a regularizer's key: `elastic_net(mixing=0.5)`. */
export function splitKey(regularizer: string): { name: string; parameters: Record<string, string> } {
  const match = /^(\w+)(?:\((.*)\))?$/s.exec(regularizer);
  if (match?.[1] === undefined) return { name: regularizer, parameters: {} };
  const pairs = (match[2] ?? "").split(",").filter((part) => part !== "");
  const parameters = Object.fromEntries(
    pairs.map((part) => {
      const [name = "", value = ""] = part.split("=");
      return [name.trim(), value.trim()];
    }),
  );
  return { name: match[1], parameters };
}

/** How a page names a regularizer's key: `Elastic net (mixing 0.5)`. */
export function labelRegularizer(regularizer: string): string {
  const { name, parameters } = splitKey(regularizer);
  const words = name.replaceAll("_", " ");
  const label = LABELS[name] ?? words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
  const inner = Object.entries(parameters)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
  return inner === "" ? label : `${label} (${inner})`;
}

/** The symbol of the strength: λ for a penalty, else the regularizer's own. */
export function getSymbol(regularizer: string): string {
  return SYMBOLS[splitKey(regularizer).name] ?? "λ";
}

/** The axis that strengths are drawn on: linear for probabilities. */
export function getScale(regularizer: string): "log" | "linear" {
  return PROBABILITIES.includes(splitKey(regularizer).name) ? "linear" : "log";
}
