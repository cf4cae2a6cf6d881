// Texts of several numbers, with as many digits as make different numbers different texts; same as core.analysis.
import { formatNumber, formatShare } from "./numbers";
import { formatScore, type Task } from "./scores";
import { formatStrength } from "./strengths";

// 17 significant digits distinguish any two doubles.
const ALL = 17;
// Smaller differences of scores are rounding errors.
const MOST_DECIMALS = 12;

export type Formatter = (value: number, digits: number) => string;

/**
 * The text of each value, with `fewest` digits or as many more as distinguish it from the others, up to `most`.
 */
export function formatDistinct(
  values: Iterable<number>,
  write: Formatter,
  fewest: number,
  most = ALL,
): Map<number, string> {
  const texts = new Map<number, string>();
  for (const value of values) texts.set(value, write(value, fewest));
  for (let digits = fewest + 1; digits <= most; digits++) {
    const close = listAlike(texts, (value) => write(value, most));
    if (close.length === 0) break;
    for (const value of close) texts.set(value, write(value, digits));
  }
  return texts;
}

function listAlike(texts: ReadonlyMap<number, string>, writeWhole: (value: number) => string): number[] {
  const groups = new Map<string, number[]>();
  for (const [value, text] of texts) {
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [value]);
    else group.push(value);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1 && new Set(group.map(writeWhole)).size > 1)
    .flat();
}

export function formatStrengths(strengths: Iterable<number>, symbol: string): Map<number, string> {
  return formatDistinct(strengths, (strength, digits) => formatStrength(strength, symbol, digits), 3);
}

export function formatScores(scores: Iterable<number>, task: Task): Map<number, string> {
  const fewest = task === "classification" ? 1 : 3;
  return formatDistinct(
    scores,
    (score, digits) => formatScore(score, task, null, digits),
    fewest,
    MOST_DECIMALS,
  );
}

export function formatShares(shares: Iterable<number>): Map<number, string> {
  return formatDistinct(shares, formatShare, 1);
}

export function formatNumbers(values: Iterable<number>): Map<number, string> {
  return formatDistinct(values, formatNumber, 3);
}
