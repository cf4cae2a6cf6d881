import type { ListSearch, State } from "../api/queries";

export const STATES: readonly State[] = ["queued", "running", "completed", "diverged", "failed", "cancelled"];

/** The list's search parameters; invalid ones are undefined. */
export function parseListSearch(search: Record<string, unknown>): ListSearch {
  const page = Number(search.page);
  return {
    text: isText(search.text) ? String(search.text) : undefined,
    state: STATES.find((state) => state === search.state),
    tag: isText(search.tag) ? String(search.tag) : undefined,
    page: Number.isInteger(page) && page > 1 ? page : undefined,
    chosen: isText(search.chosen) ? String(search.chosen) : undefined,
  };
}

// The router parses ?text=12 as a number.
function isText(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}
