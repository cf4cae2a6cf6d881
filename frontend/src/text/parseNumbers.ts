import { formatGeneral } from "./rounding";
import { lower, SUPERSCRIPTS } from "./superscripts";

const POWER = /^([-+]?)(?:([\d.]+)\s*[·*×]\s*)?10(?:\^|\*\*)([-+]?[\d.]+)$/;
// An exponent does not begin with a point: 10·3 is a product.
const RAISED = new RegExp(`10((?!·)[${SUPERSCRIPTS}]+)`);
const DECIMAL_COMMA = /^[-+]?\d+,\d+(?:[eE][-+]?\d+)?$/;
// Ambiguous: 1,000 is one thousand or one.
export const GROUPED = /^[-+]?[1-9]\d{0,2},\d{3}$/;

/**
 * Parses a typed number: 0.01, 0,01, 1e-4, 10^-3.5, 10**-4, 3·10⁻⁴. Returns other text unchanged, for the API's error
 * message.
 */
export function parseNumber(text: string): number | string {
  const plain = text
    .trim()
    .replace(/[−–]/g, "-")
    .replace(RAISED, (_, raised: string) => `10^${lower(raised)}`);
  const power = POWER.exec(plain);
  if (power?.[3] !== undefined) {
    const product = Number(power[2] ?? 1) * raiseTen(Number(power[3]));
    // Removes the rounding error of the product.
    const value = Number(product.toPrecision(15));
    return Number.isFinite(value) ? (power[1] === "-" ? -value : value) : text.trim();
  }
  const isComma = DECIMAL_COMMA.test(plain) && !GROUPED.test(plain);
  const value = plain === "" ? Number.NaN : Number(isComma ? plain.replace(",", ".") : plain);
  return Number.isFinite(value) ? value : text.trim();
}

/** Parses a list separated by commas, semicolons or white space; brackets and quotes are ignored. */
export function parseNumbers(text: string): (number | string)[] {
  return splitNumbers(text, /[\s,;]+/).map(parseNumber);
}

/** Splits a list typed or pasted from JSON, Python, NumPy, a spreadsheet or a paper. */
export function splitNumbers(text: string, separator: RegExp): string[] {
  return text
    .replace(/\b(?:(?:np|numpy|torch)\.)?(?:array|tensor)\b/g, " ")
    .replace(/["'`[\](){}]/g, " ")
    .replace(/[^\S\n\t]*([·×]|\*+)[^\S\n\t]*/g, "$1")
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A number as one would type it; parseNumber is the exact inverse. */
export function writeNumber(value: number): string {
  const quarters = value > 0 ? Math.round(4 * Math.log10(value)) : 0;
  if (quarters % 4 !== 0 && value === raiseTen(quarters / 4)) return `10^${quarters / 4}`;
  if (value !== 0 && (Math.abs(value) < 1e-2 || Math.abs(value) >= 1e6))
    return value.toExponential().replace("+", "");
  return String(value);
}

// Rounded to 12 digits like the values of a grid, so that both give the same strength.
export function raiseTen(exponent: number): number {
  return Number(formatGeneral(10 ** exponent, 12));
}
