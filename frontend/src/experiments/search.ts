import type { ListSearch, State } from "../api/queries";

export const STATES: readonly State[] = ["queued", "running", "completed", "failed", "cancelled"];

/** What the address of the list says, with whatever is not understood left out. */
export function parseListSearch(search: Record<string, unknown>): ListSearch {
  const page = Number(search.page);
  return {
    ...(isText(search.text) ? { text: String(search.text) } : {}),
    ...(STATES.includes(search.state as State) ? { state: search.state as State } : {}),
    ...(isText(search.tag) ? { tag: String(search.tag) } : {}),
    ...(Number.isInteger(page) && page > 1 ? { page } : {}),
  };
}

// The router reads ?text=12 as a number; it is text all the same.
function isText(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}
