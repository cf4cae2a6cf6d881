import type { Compared } from "./queries";

/** `#3 Wide network`, or `#3`. */
export function nameExperiment({ id, name }: Pick<Compared, "id" | "name">): string {
  return name === "" ? `#${id}` : `#${id} ${name}`;
}
