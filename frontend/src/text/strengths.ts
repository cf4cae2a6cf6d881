import { formatGeneral, trimZeros } from "./rounding";
import { raise } from "./superscripts";

/**
 * The symbol of a penalty's strength. Other strengths are probabilities, radii or counts, written as plain decimals.
 */
const PENALTY = "λ";

/** 10⁻⁴, 3·10⁻⁴, 10⁻³·⁵; plain decimals from 0.1 up, and for symbols other than λ. `digits` limits the significant
 * digits; for numbers that are close together see digits.ts. */
export function formatStrength(strength: number, symbol = PENALTY, digits = 3): string {
  if (strength === 0) return "0";
  if (symbol !== PENALTY && strength >= 1e-3 && strength < 1e5)
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
export function nameStrength(symbol: string, strength: number): string {
  return `${symbol} = ${formatStrength(strength, symbol)}`;
}
