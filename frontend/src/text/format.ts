// How numbers and times are written. Strengths and scores are written as core.analysis writes them,
// so that a table, a chart's hover and the API's sentences agree to the letter.

export type Task = "classification" | "regression";

const SUPERSCRIPT: Record<string, string> = Object.fromEntries(
  [..."-.0123456789"].map((plain, index) => [plain, [..."⁻·⁰¹²³⁴⁵⁶⁷⁸⁹"][index] ?? plain]),
);
const PROBABILITIES: readonly string[] = ["dropout", "label_smoothing", "stochastic_depth"];
// The symbols of strengths that are no λ. They are written as plain decimals.
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

/** What stands where a number is missing. */
export const MISSING = "–";

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

/** 10⁻⁴, 3·10⁻⁴, 10⁻³·⁵ on a grid of half powers; plain decimals from 0.1 up, and where the symbol is no λ.
 * `digits`: at most so many significant ones; for numbers that are close together see digits.ts. */
export function formatStrength(strength: number, regularizer = "", digits = 3): string {
  if (strength === 0) return "0";
  if (getSymbol(regularizer) !== "λ" && strength >= 1e-3 && strength < 1e5)
    return formatGeneral(strength, strength < 1000 ? digits : Math.max(digits, 5));
  const quarters = Math.round(4 * Math.log10(strength));
  const isNear = Math.abs(4 * Math.log10(strength) - quarters) < 1e-8;
  const isPower =
    isNear && (digits <= 3 || strength.toPrecision(digits) === (10 ** (quarters / 4)).toPrecision(digits));
  if (isPower && quarters % 4 !== 0) return `10${raise(String(quarters / 4))}`;
  if (strength >= 0.1 && strength < 1000) return formatGeneral(strength, digits);
  const [mantissa = "", exponent = ""] = strength.toExponential(digits - 1).split("e");
  const ten = `10${raise(String(Number(exponent)))}`;
  const factor = trimZeros(mantissa);
  return factor === "1" ? ten : `${factor}·${ten}`;
}

/** A power of ten as on an axis: 10⁻⁴, 10⁻¹, 1, 10, 10². */
export function formatPowerOfTen(exponent: number): string {
  if (exponent === 0 || exponent === 1) return String(10 ** exponent);
  return `10${raise(String(exponent))}`;
}

/** `λ = 10⁻⁴`, or `p = 0.5`. */
export function nameStrength(regularizer: string, strength: number): string {
  return `${getSymbol(regularizer)} = ${formatStrength(strength, regularizer)}`;
}

/** What the score of a task is called. */
export function nameScore(task: Task): string {
  return task === "regression" ? "R²" : "accuracy";
}

/** Accuracy in percent with one decimal, R² as a number with three; the deviation in the same unit. */
export function formatScore(
  mean: number | null | undefined,
  task: Task,
  deviation?: number | null,
  wanted?: number,
): string {
  if (!isNumber(mean)) return MISSING;
  const [scale, usual, unit] = task === "classification" ? [100, 1, " %"] : [1, 3, ""];
  const digits = wanted ?? usual;
  const spread = isNumber(deviation) ? ` ± ${formatDeviation(scale * deviation, digits)}` : "";
  return withMinus(`${toFixed(scale * mean, digits)}${unit}${spread}`);
}

/** One that would look like none is told as what it is below. */
function formatDeviation(deviation: number, digits: number): string {
  const text = toFixed(deviation, digits);
  return deviation > 0 && Number(text) === 0 ? `<${toFixed(10 ** -digits, digits)}` : text;
}

/** A loss, a norm, a gap: three significant digits, powers of ten where it is tiny or huge. */
export function formatNumber(value: number | null | undefined, digits = 3): string {
  if (!isNumber(value)) return MISSING;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return withMinus(String(Number(value.toPrecision(digits))));
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  return withMinus(`${trimZeros(mantissa)}·10${raise(String(Number(exponent)))}`);
}

/** A number whole, as a program reads it: for hovering and copying. */
export function writeWhole(value: number | null | undefined): string {
  return isNumber(value) ? String(value) : "";
}

/** A share as a percentage: 42.0 %, 0.3 %, 99.9 %. */
export function formatShare(share: number | null | undefined, digits = 1): string {
  return isNumber(share) ? `${withMinus(toFixed(100 * share, digits))} %` : MISSING;
}

/** 1,234,567. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `57 runs`, `1 run`. */
export function countNoun(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** 0.4 s, 40 s, 2 min 5 s, 1 h 3 min, 2 d 4 h: the two largest units. */
export function formatDuration(seconds: number | null | undefined): string {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 0.95) return `${toFixed(Math.max(seconds, 0), 1)} s`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** An estimate, rounded as one would say it: about 40 seconds, about 3 minutes. */
export function describeEstimate(seconds: number): string {
  if (seconds < 1.5) return "about a second";
  if (seconds < 10) return `about ${Math.round(seconds)} seconds`;
  if (seconds < 90) return `about ${5 * Math.round(seconds / 5)} seconds`;
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} minutes`;
  if (seconds < 36 * 3600) return `about ${Math.round(seconds / 3600)} hours`;
  return `about ${Math.round(seconds / 86_400)} days`;
}

/** 512 B, 1.5 GiB. */
export function formatBytes(bytes: number | null | undefined): string {
  if (!isNumber(bytes)) return MISSING;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${formatGeneral(bytes / 1024 ** power, 3)} ${units[power]}`;
}

/** When, as one would say it now: just now, 5 min ago, 14:32, yesterday 14:32, 3 Mar 14:32, 3 Mar 2026. */
export function formatMoment(moment: string | Date, now = new Date()): string {
  const date = new Date(moment);
  const seconds = (now.getTime() - date.getTime()) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (sameDay(date, now)) return time;
  if (sameDay(date, new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)))
    return `yesterday ${time}`;
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return date.getFullYear() === now.getFullYear() ? `${day} ${time}` : `${day} ${date.getFullYear()}`;
}

/** The whole moment, in the reader's zone, with the zone's name. */
export function formatMomentInFull(moment: string | Date): string {
  return new Date(moment).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });
}

/** As Python's `:.{digits}g`. */
export function formatGeneral(value: number, digits: number): string {
  if (value === 0) return "0";
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < digits) return trimZeros(value.toFixed(digits - 1 - power));
  const sign = power < 0 ? "-" : "+";
  return `${trimZeros(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

// Number.toFixed rounds a tie up; Python, and with it every sentence of the API, rounds it to even.
// A tie at d decimals is an odd multiple of ½·10⁻ᵈ, which a double holds exactly only where 2ᵈ⁺¹ times it is whole.
function toFixed(value: number, digits: number): string {
  const scaled = value * 10 ** digits;
  const isTie = Math.abs(scaled % 1) === 0.5 && Number.isInteger(value * 2 ** (digits + 1));
  return isTie ? ((2 * Math.round(scaled / 2)) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

function raise(number: string): string {
  return [...number].map((char) => SUPERSCRIPT[char] ?? char).join("");
}

function trimZeros(number: string): string {
  return number.includes(".") ? number.replace(/\.?0+$/, "") : number;
}

function withMinus(text: string): string {
  return text.replaceAll("-", "−");
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function sameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}

/** `14:03:27`, in the reader's zone; `moment` in ms since 1970. */
export function formatTime(moment: number): string {
  return new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    moment,
  );
}
