import { formatNumbers } from "../../../text/digits";
import { SUPERSCRIPTS } from "../../../text/superscripts";
import type { Range } from "../../types";

const MOST = 8;
const FEWEST = 3;
const FEW = 5;
// Width of a character at 12 pixels, and the space between two labels.
const CHARACTER = 7;
const ROOM = 10;

export interface LogTicks {
  tickvals: number[];
  ticktext: string[];
}

/**
 * Ticks of a log axis: 1, 2, 5 per decade where they fit, else decades; even steps within less than a decade. `range`
 * in powers of ten.
 */
export function makeLogTicks(range: Range, percent = false): LogTicks {
  const fine = listTicks(range, [1, 2, 5]);
  if (fine.length < FEWEST) return makeEvenTicks(range, percent);
  const tickvals = fine.length <= MOST ? fine : thin(listTicks(range, [1]));
  return { tickvals, ticktext: tickvals.map(percent ? writeShare : writeTick) };
}

function makeEvenTicks(range: Range, percent: boolean): LogTicks {
  const [low, high] = [10 ** range[0], 10 ** range[1]];
  const rough = (high - low) / FEW;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const tickvals = Array.from({ length: Math.max(count, 0) }, (_, index) => roundOff((first + index) * step));
  const texts = formatNumbers(tickvals);
  return {
    tickvals,
    ticktext: tickvals.map((value) => (percent ? writeShare(value) : (texts.get(value) ?? ""))),
  };
}

/** Removes rounding errors: 0.3 for 0.30000000000000004. */
function roundOff(value: number): number {
  return Number(value.toPrecision(12));
}

function writeShare(value: number): string {
  return `${roundOff(100 * value)}%`;
}

function listTicks([low, high]: Range, factors: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const factor of factors) {
      const place = power + Math.log10(factor);
      if (place >= low && place <= high) ticks.push(factor * 10 ** power);
    }
  return ticks;
}

function thin(ticks: readonly number[]): number[] {
  const step = Math.ceil(ticks.length / MOST);
  return ticks.filter((_, index) => index % step === 0);
}

function writeTick(value: number): string {
  const power = Math.round(Math.log10(value));
  const digits = Number(value.toPrecision(2));
  if (power >= -3 && power <= 5) return String(digits).replace("-", "−");
  const mantissa = Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  return `${mantissa === 1 ? "" : `${mantissa}·`}10<sup>${String(exponent).replace("-", "−")}</sup>`;
}

/** A label on an axis, `place` in pixels. */
export interface Label {
  label: string;
  place: number;
  /** Decades take precedence. */
  isDecade?: boolean;
}

/** Which labels fit without overlap: decades first, then the first and the last. */
export function fitLabels(labels: readonly Label[]): boolean[] {
  const half = labels.map(({ label }) => (CHARACTER * measure(label)) / 2);
  const fits = labels.map(() => false);
  const ends = [0, labels.length - 1, ...labels.keys()];
  const order = [...ends.filter((index) => labels[index]?.isDecade), ...ends];
  for (const index of order) {
    const own = labels[index];
    if (own === undefined || fits[index]) continue;
    fits[index] = labels.every(
      (other, at) =>
        !fits[at] || Math.abs(other.place - own.place) >= (half[at] ?? 0) + (half[index] ?? 0) + ROOM,
    );
  }
  return fits;
}

/** Whether a strength is a power of ten, or 0. */
export function isDecade(strength: number): boolean {
  if (strength <= 0) return true;
  const power = Math.log10(strength);
  return Math.abs(power - Math.round(power)) < 1e-9;
}

// Superscripts and points are narrower than digits.
const NARROW = `${SUPERSCRIPTS}.`;

function measure(label: string): number {
  let length = 0;
  for (const char of label) length += NARROW.includes(char) ? 0.65 : 1;
  return length;
}
