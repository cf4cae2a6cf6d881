import { GROUPED, parseNumber, raiseTen, splitNumbers } from "../../text/parseNumbers";
import { listGrid, type Scale } from "./strengthGrid";

const RANGE = /^(.+?)\s*(?:\.{2,3}|…)\s*(.+?)\s*[x×*]\s*(\d+)$/i;
const SPACE = /\*?(?:\b(?:np|numpy|torch)\.)?\b(logspace|geomspace|linspace)\s*\(([^()]*)\)/g;
const DECIMALS = /^[-+−]?\d+,\d+(?:[eE][-+−]?\d+)?$/;
const MOST = 1000;

/**
 * Parses typed or pasted strengths: `0.1, 0.2`, `[0.1, 0.2]`, `0,1; 0,2`, a column of a spreadsheet, a range such as
 * `1e-4..1 x 9`, NumPy's `logspace(-4, 0, 9)`. Other text is returned unchanged.
 *
 * A comma between digits is a decimal comma if semicolons, line ends or tabs separate the numbers, or if spaces do and
 * each number begins with `0,`.
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

/** The role of the commas in a text. Unclear if all could separate thousands: 1,000; 2,000. */
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

/** Expands `A..B x N`, on the log scale if both ends are positive; null for other text. */
function expandRange(part: string, scale: Scale): number[] | null {
  const [, first, last, times] = RANGE.exec(part.replace(/^[\s[("']+|[\s\])"',]+$/g, "")) ?? [];
  if (first === undefined || last === undefined) return null;
  const [from, to, count] = [parseNumber(first), parseNumber(last), Number(times)];
  if (typeof from !== "number" || typeof to !== "number" || count < 1 || count > MOST) return null;
  return listGrid(from, to, count, from > 0 && to > 0 ? scale : "linear");
}

/** Expands NumPy's logspace, geomspace and linspace. */
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
