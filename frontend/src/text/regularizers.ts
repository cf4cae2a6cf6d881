// Labels, symbols and axes of regularizers where neither a figure nor the catalogue is loaded: both contain their own.
import catalogue from "./regularizers.json";

interface Entry {
  label: string;
  symbol: string;
  scale: string;
}

const REGULARIZERS: Record<string, Entry | undefined> = catalogue;

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
  const label = REGULARIZERS[name]?.label ?? name;
  const inner = Object.entries(parameters)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
  return inner === "" ? label : `${label} (${inner})`;
}

/** The symbol of the strength: λ for a penalty, else the regularizer's own. */
export function getSymbol(regularizer: string): string {
  return REGULARIZERS[splitKey(regularizer).name]?.symbol ?? "λ";
}

/** The axis that strengths are drawn on: linear for probabilities. */
export function getScale(regularizer: string): "log" | "linear" {
  return REGULARIZERS[splitKey(regularizer).name]?.scale === "linear" ? "linear" : "log";
}
