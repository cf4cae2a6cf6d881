import { formatGeneral, isNumber, toFixed, trimZeros, withMinus } from "./rounding";
import { raise } from "./superscripts";

/** The text of a missing number. */
export const MISSING = "–";

/** A loss, a norm, a gap: three significant digits, powers of ten where it is tiny or huge. */
export function formatNumber(value: number | null | undefined, digits = 3): string {
  if (!isNumber(value)) return MISSING;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return withMinus(String(Number(value.toPrecision(digits))));
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  return withMinus(`${trimZeros(mantissa)}·10${raise(String(Number(exponent)))}`);
}

/** A number with all its digits, for titles and the clipboard. */
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

/** 512 B, 1.5 GiB. */
export function formatBytes(bytes: number | null | undefined): string {
  if (!isNumber(bytes)) return MISSING;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${formatGeneral(bytes / 1024 ** power, 3)} ${units[power]}`;
}
