/** The view options that live in the address of an experiment page. */
export type ExperimentSearch = Record<string, unknown>;

export function parseExperimentSearch(search: Record<string, unknown>): ExperimentSearch {
  return search;
}
