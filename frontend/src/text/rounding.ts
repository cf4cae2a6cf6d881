// Rounding as in core.analysis, so that tables, tooltips and the API's sentences show the same digits.

/** As Python's `:.{digits}g`. */
export function formatGeneral(value: number, digits: number): string {
  if (value === 0) return "0";
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < digits) return trimZeros(value.toFixed(digits - 1 - power));
  const sign = power < 0 ? "-" : "+";
  return `${trimZeros(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

// Number.toFixed rounds ties up; Python, and so the API's sentences, rounds them to even.
// A tie at d decimals is an odd multiple of ½·10⁻ᵈ, which a double holds exactly only where 2ᵈ⁺¹ times it is whole.
export function toFixed(value: number, digits: number): string {
  const scaled = value * 10 ** digits;
  const isTie = Math.abs(scaled % 1) === 0.5 && Number.isInteger(value * 2 ** (digits + 1));
  return isTie ? ((2 * Math.round(scaled / 2)) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

export function trimZeros(number: string): string {
  return number.includes(".") ? number.replace(/\.?0+$/, "") : number;
}

export function withMinus(text: string): string {
  return text.replaceAll("-", "−");
}

export function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
