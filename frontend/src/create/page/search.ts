/** The template of a new experiment: the demonstration (default), nothing, or an earlier experiment's id. */
export interface FormSearch {
  from?: "empty" | number;
}

export function parseFormSearch(search: Record<string, unknown>): FormSearch {
  if (search.from === "empty") return { from: "empty" };
  const id = Number(search.from);
  return { from: Number.isInteger(id) && id > 0 ? id : undefined };
}
