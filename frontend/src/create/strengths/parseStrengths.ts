import { GROUPED, parseNumber, raiseTen, splitNumbers } from "../../text/parseNumbers";
import { listGrid, type Scale } from "./strengthGrid";

const RANGE = /^(.+?)\s*(?:\.{2,3}|…)\s*(.+?)\s*[x×*]\s*(\d+)$/i;
const SPACE = /\*?(?:\b(?:np|numpy|torch)\.)?\b(logspace|geomspace|linspace)\s*\(([^()]*)\)/g;
const DECIMALS = /^[-+−]?\d+,\d+(?:[eE][-+−]?\d+)?$/;
const MOST = 1000;

/**
 * Strengths as they were typed or pasted: `0.1, 0.2`, `[0.1, 0.2]`, `0,1; 0,2`, a column of a spreadsheet, a range such as
 * `1e-4..1 x 9`, NumPy's `logspace(-4, 0, 9)`. What is no number comes back as it was typed.
 *
 * A comma is a decimal one where it cannot separate: between digits, where semicolons, line ends or tabs separate
 * already; or where spaces do and each number begins with `0,`, since strengths differ from one another.
 */
export function parseStrengths(text: string, scale: Scale = "log"): (number | string)[] {
  const spelled = text.replace(SPACE, (whole, kind: string, inner: string) => spell(kind, inner) ?? whole);
  const commas = findCommas(spelled);
  const plain = commas === "decimal" ? spelled.replace(/(\d),(\d)/g, "$1.$2") : spelled;
  return plain
    .split(/[;\n\t]+/)
    .flatMap((line) => expandRange(line, scale) ?? parseLine(line, commas === "separating", scale));
}

function parseLine(line: string, isSeparating: boolean, scale: Scale): (number | string)[] {
  return splitNumbers(line, isSeparating ? /\s*,\s*/ : /\s+/).flatMap((part) => {
    const range = expandRange(part, scale);
    if (range !== null) return range;
    const value = parseNumber(part);
    if (typeof value === "number") return [value];
    return splitNumbers(part, /\s+/).flatMap((word) => expandRange(word, scale) ?? [parseNumber(word)]);
  });
}

/** What the commas of a text do. They are unclear where each might be one of thousands: 1,000; 2,000. */
function findCommas(text: string): "decimal" | "separating" | "unclear" {
  if (text.includes(".")) return "separating";
  const parts = splitNumbers(text, /[\s;]+/);
  const withComma = parts.filter((part) => part.includes(","));
  if (withComma.length === 0 || parts.length < 2 || !withComma.every((part) => DECIMALS.test(part)))
    return "separating";
  const isSeparated = /[;\n\t]/.test(text.trim()) || parts.every((part) => part.startsWith("0,"));
  if (!isSeparated) return "separating";
  return withComma.every((part) => GROUPED.test(part)) ? "unclear" : "decimal";
}

/** The strengths of `A..B x N`; null where it is none. On the log scale where both ends are positive. */
function expandRange(part: string, scale: Scale): number[] | null {
  const [, first, last, times] = RANGE.exec(part.replace(/^[\s[("']+|[\s\])"',]+$/g, "")) ?? [];
  if (first === undefined || last === undefined) return null;
  const [from, to, count] = [parseNumber(first), parseNumber(last), Number(times)];
  if (typeof from !== "number" || typeof to !== "number" || count < 1 || count > MOST) return null;
  return listGrid(from, to, count, from > 0 && to > 0 ? scale : "linear");
}

/** NumPy's own ranges, written out: logspace takes exponents, the others take ends. */
function spell(kind: string, inner: string): string | null {
  const given = inner.split(",").map((part) => parseNumber(part.replace(/^\s*(?:start|stop|num)\s*=/, "")));
  const [from, to, count = 50] = given;
  if (typeof from !== "number" || typeof to !== "number" || typeof count !== "number" || given.length > 3)
    return null;
  if (!Number.isInteger(count) || count < 1 || count > MOST) return null;
  const [first, last] = kind === "logspace" ? [raiseTen(from), raiseTen(to)] : [from, to];
  const scale = kind === "linspace" ? "linear" : "log";
  if (scale === "log" && !(first > 0 && last > 0)) return null;
  return listGrid(first, last, count, scale).join(", ");
}
