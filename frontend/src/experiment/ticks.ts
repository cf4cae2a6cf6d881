import type { Range } from "./types";

const MOST = 8;
// Of a label at 12 pixels, and the room between two.
const CHARACTER = 7;
const ROOM = 10;

export interface LogTicks {
  tickvals: number[];
  ticktext: string[];
}

/** Round numbers on a log axis: 1, 2, 5 in every decade where they fit, else the decades. `range` in powers of ten. */
export function makeLogTicks(range: Range): LogTicks {
  const fine = listTicks(range, [1, 2, 5]);
  const tickvals = fine.length <= MOST ? fine : thin(listTicks(range, [1]));
  return { tickvals, ticktext: tickvals.map(writeTick) };
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

/** Which labels can stand beside one another; `place` in pixels, the first and the last are preferred. */
export function fitLabels(labels: readonly { label: string; place: number }[]): boolean[] {
  const half = labels.map(({ label }) => (CHARACTER * measure(label)) / 2);
  const fits = labels.map(() => false);
  const order = [0, labels.length - 1, ...labels.keys()];
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

/** Superscripts are narrower than digits. */
function measure(label: string): number {
  let length = 0;
  for (const char of label) length += "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹.".includes(char) ? 0.65 : 1;
  return length;
}
