/** The search parameters of the comparison; `ids` as in `3,7`. */
export interface CompareSearch {
  ids?: string;
  /** What is compared on test: the score, unless this says otherwise. */
  by?: "loss";
  /** The regularizer whose curves are shown: the first, unless this says otherwise. */
  show?: string;
  /** Losses on a linear axis; else it is logarithmic. */
  linear?: true;
  /** The strength that is brought forward. */
  strength?: number;
}

/** As many as the API compares. */
export const MOST_COMPARED = 6;
const LARGEST_ID = 2 ** 31 - 1;

export function parseCompareSearch(search: Record<string, unknown>): CompareSearch {
  const strength = typeof search.strength === "number" ? search.strength : Number.NaN;
  return {
    ids: isText(search.ids) ? String(search.ids) : undefined,
    by: search.by === "loss" ? "loss" : undefined,
    show: typeof search.show === "string" && search.show !== "" ? search.show : undefined,
    linear: search.linear === true ? true : undefined,
    strength: Number.isFinite(strength) && strength >= 0 ? strength : undefined,
  };
}

// The router parses ?ids=12 as a number, and ?ids=[3,7] as a list.
function isText(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number" || Array.isArray(value);
}

/** The ids, each once, and the parts of the text that are none. */
export function parseIds(text: string | undefined): { ids: number[]; wrong: string[] } {
  const parts = (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const isId = (part: string) => /^\d+$/.test(part) && Number(part) >= 1 && Number(part) <= LARGEST_ID;
  return { ids: [...new Set(parts.filter(isId).map(Number))], wrong: parts.filter((part) => !isId(part)) };
}

export function writeIds(ids: readonly number[]): string | undefined {
  return ids.length > 0 ? ids.join(",") : undefined;
}
