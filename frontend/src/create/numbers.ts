import { formatGeneral } from "../format";

const DIGITS: Record<string, string> = Object.fromEntries(
  [..."⁻·⁰¹²³⁴⁵⁶⁷⁸⁹"].map((raised, index) => [raised, [..."-.0123456789"][index] ?? ""]),
);
const POWER = /^(?:([\d.]+)\s*[·*×]\s*)?10\^([-+]?[\d.]+)$/;
const RAISED = /10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹][⁻·⁰¹²³⁴⁵⁶⁷⁸⁹]*)/;

/**
 * The number that a person typed: 0.01, 1e-4, 10^-3.5, 3·10⁻⁴. What is not a number comes back as it was typed, so that
 * the API can say what it expected instead.
 */
export function parseNumber(text: string): number | string {
  const plain = text
    .trim()
    .replaceAll("−", "-")
    .replace(RAISED, (_, raised: string) => `10^${[...raised].map((char) => DIGITS[char] ?? char).join("")}`);
  const power = POWER.exec(plain);
  if (power?.[2] !== undefined) return Number(power[1] ?? 1) * raiseTen(Number(power[2]));
  const value = plain === "" ? Number.NaN : Number(plain);
  return Number.isFinite(value) ? value : text.trim();
}

/** Several numbers, separated by commas, semicolons or spaces. */
export function parseNumbers(text: string): (number | string)[] {
  const spaced = text.replace(/\s*([·*×])\s*/g, "$1");
  return spaced
    .split(/[\s,;]+/)
    .filter((part) => part !== "")
    .map(parseNumber);
}

/** A number as one would type it. parseNumber gives it back, a quarter power of ten to 12 digits. */
export function writeNumber(value: number): string {
  const quarters = value > 0 ? Math.round(4 * Math.log10(value)) : 0;
  const isPower = Number(formatGeneral(value, 12)) === raiseTen(quarters / 4);
  if (quarters % 4 !== 0 && isPower) return `10^${quarters / 4}`;
  if (value !== 0 && (Math.abs(value) < 1e-2 || Math.abs(value) >= 1e6))
    return value.toExponential().replace("+", "");
  return String(value);
}

// To 12 digits, as a grid's values are rounded: the two then give the same strength.
function raiseTen(exponent: number): number {
  return Number(formatGeneral(10 ** exponent, 12));
}
