import type { Scale } from "../strengths/strengthGrid";

/** The range of a slider. On the log scale its ends are powers of ten. */
export interface SliderDomain {
  low: number;
  high: number;
  scale: Scale;
  /** Whether only whole numbers are legal. */
  whole?: boolean;
}

/** The legal strengths, as in the catalogue. */
export interface LegalRange {
  low?: number;
  high?: number | null;
  open_low?: boolean;
  whole?: boolean;
}

/** Whether a strength is legal, as in core.spec. */
export function isLegal(value: number, { low = 0, high, open_low: isOpen, whole }: LegalRange): boolean {
  const isAbove = isOpen ? value > low : value >= low;
  return isAbove && (high == null || value < high) && (!whole || Number.isInteger(value));
}

// The share of a log axis reserved for strength 0.
export const ZERO_SLOT = 0.06;
const QUARTERS = 4;
const LINEAR_STEP = 0.05;

/** A range that contains the strengths and up to two decades beyond the default ones. */
export function findDomain(
  scale: Scale,
  offered: readonly number[],
  present: readonly number[],
  legal: LegalRange = {},
): SliderDomain {
  const whole = legal.whole ?? false;
  if (scale === "linear") {
    const top = Math.max(...present, ...offered, 0);
    return { low: 0, high: legal.high ?? (top > 0 ? 1.25 * top : 1), scale, whole };
  }
  const logs = (values: readonly number[]) => values.filter((value) => value > 0).map(Math.log10);
  const [base, own] = [logs(offered), logs(present)];
  const room = base.length && Math.max(...base) - Math.min(...base) < 2 ? 1 : 2;
  const lowest = Math.min(
    ...own,
    ...(base.length ? [Math.min(...base) - room] : []),
    base.length + own.length ? 99 : -6,
  );
  const highest = Math.max(
    ...own,
    ...(base.length ? [Math.max(...base) + room] : []),
    base.length + own.length ? -99 : 0,
  );
  const low = Math.max(raise(Math.floor(lowest + 1e-9)), legal.low ?? 0);
  return { low, high: Math.max(raise(Math.ceil(highest - 1e-9)), 10 * low), scale, whole };
}

// The limit of powers of ten in doubles.
const MOST_DECADES = 300;

function raise(exponent: number): number {
  return 10 ** Math.min(Math.max(exponent, -MOST_DECADES), MOST_DECADES - 1);
}

/** The position of a strength on the slider, 0 to 1, clamped. */
export function findPosition(value: number, domain: SliderDomain): number {
  if (domain.scale === "linear") return clamp((value - domain.low) / (domain.high - domain.low));
  if (value <= 0) return 0;
  const [low, high] = [Math.log10(domain.low), Math.log10(domain.high)];
  return clamp(ZERO_SLOT + (1 - ZERO_SLOT) * ((Math.log10(value) - low) / (high - low)));
}

/** The strength at a position, snapped to quarter powers of ten or steps of 0.05. */
export function findValue(share: number, domain: SliderDomain): number {
  if (domain.scale === "linear") return snap(domain.low + clamp(share) * (domain.high - domain.low), domain);
  const inner = clamp((share - ZERO_SLOT) / (1 - ZERO_SLOT));
  const [low, high] = [Math.log10(domain.low), Math.log10(domain.high)];
  return snap(10 ** (low + inner * (high - low)), domain);
}

/** The strength so many steps from a value, for arrow keys. */
export function stepFrom(value: number, steps: number, domain: SliderDomain): number {
  if (domain.scale === "linear") return snap(value + steps * LINEAR_STEP, domain);
  return snap(10 ** (Math.log10(value > 0 ? value : domain.low) + steps / QUARTERS), domain);
}

function snap(value: number, { low, high, scale, whole }: SliderDomain): number {
  if (scale === "linear") {
    // A probability of 1 is not legal.
    const top = high === 1 ? 1 - LINEAR_STEP : high;
    return Number(Math.min(Math.max(LINEAR_STEP * Math.round(value / LINEAR_STEP), low), top).toPrecision(6));
  }
  const exponent = Math.round(QUARTERS * Math.log10(value)) / QUARTERS;
  const bounded = Math.min(Math.max(exponent, Math.log10(low)), Math.log10(high));
  return whole ? Math.round(10 ** bounded) : Number((10 ** bounded).toPrecision(12));
}

const MOST_MARKS = 10;

/** Labelled marks: powers of ten, thinned out where needed, or fifths. */
export function listMarks({ low, high, scale }: SliderDomain): number[] {
  if (scale === "linear")
    return [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => Number((low + share * (high - low)).toPrecision(3)));
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.max(1, Math.ceil((last - first) / (MOST_MARKS - 1)));
  const exponents = Array.from(
    { length: Math.floor((last - first) / step) + 1 },
    (_, index) => first + index * step,
  );
  return exponents.map((exponent) => Number((10 ** exponent).toPrecision(12)));
}

function clamp(share: number): number {
  return Math.min(Math.max(share, 0), 1);
}
