type Sorted = false | "asc" | "desc";

/** The value of aria-sort. */
export function toAriaSort(sorted: Sorted) {
  return sorted === false ? "none" : sorted === "asc" ? "ascending" : "descending";
}

/** The arrow behind a column's name. */
export function markSort(sorted: Sorted): string {
  return sorted === false ? "" : sorted === "asc" ? " ↑" : " ↓";
}
