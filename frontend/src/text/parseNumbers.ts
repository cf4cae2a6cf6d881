import { formatGeneral } from "./rounding";
import { lower, SUPERSCRIPTS } from "./superscripts";

const POWER = /^([-+]?)(?:([\d.]+)\s*[·*×]\s*)?10(?:\^|\*\*)([-+]?[\d.]+)$/;
// A point does not begin an exponent: 10·3 is a product.
const RAISED = new RegExp(`10((?!·)[${SUPERSCRIPTS}]+)`);
const DECIMAL_COMMA = /^[-+]?\d+,\d+(?:[eE][-+]?\d+)?$/;
// 1,000 may be a thousand, or one with three decimals.
export const GROUPED = /^[-+]?[1-9]\d{0,2},\d{3}$/;

/**
 * The number that a person typed: 0.01, 0,01, 1e-4, 10^-3.5, 10**-4, 3·10⁻⁴. What is not a number comes back as it was
 * typed, so that the API can say what it expected instead.
 */
export function parseNumber(text: string): number | string {
  const plain = text
    .trim()
    .replace(/[−–]/g, "-")
    .replace(RAISED, (_, raised: string) => `10^${lower(raised)}`);
  const power = POWER.exec(plain);
  if (power?.[3] !== undefined) {
    const product = Number(power[2] ?? 1) * raiseTen(Number(power[3]));
    // 3·10⁻⁵ is 3e-5, not what multiplying leaves in the last bit.
    const value = Number(product.toPrecision(15));
    return Number.isFinite(value) ? (power[1] === "-" ? -value : value) : text.trim();
  }
  const isComma = DECIMAL_COMMA.test(plain) && !GROUPED.test(plain);
  const value = plain === "" ? Number.NaN : Number(isComma ? plain.replace(",", ".") : plain);
  return Number.isFinite(value) ? value : text.trim();
}

/** Several whole numbers, separated by commas, semicolons or white space; brackets and quotes around them are passed over. */
export function parseNumbers(text: string): (number | string)[] {
  return splitNumbers(text, /[\s,;]+/).map(parseNumber);
}

/** The parts of a list as it was typed or pasted: from JSON, Python, NumPy, a spreadsheet or a paper. */
export function splitNumbers(text: string, separator: RegExp): string[] {
  return text
    .replace(/\b(?:(?:np|numpy|torch)\.)?(?:array|tensor)\b/g, " ")
    .replace(/["'`[\](){}]/g, " ")
    .replace(/[^\S\n\t]*([·×]|\*+)[^\S\n\t]*/g, "$1")
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A number as one would type it. parseNumber gives it back to the last digit. */
export function writeNumber(value: number): string {
  const quarters = value > 0 ? Math.round(4 * Math.log10(value)) : 0;
  if (quarters % 4 !== 0 && value === raiseTen(quarters / 4)) return `10^${quarters / 4}`;
  if (value !== 0 && (Math.abs(value) < 1e-2 || Math.abs(value) >= 1e6))
    return value.toExponential().replace("+", "");
  return String(value);
}

// To 12 digits, as a grid's values are rounded: the two then give the same strength.
export function raiseTen(exponent: number): number {
  return Number(formatGeneral(10 ** exponent, 12));
}
