import { type Choice, chooseEntry, isFirst } from "./catalogueChoice";
import type { Catalogue } from "./formValues";

/** The split that goes with an optimizer, in place of one that was offered; one that somebody chose stays. */
export function offerSplit(split: Choice, before: string, chosen: string, catalogue: Catalogue): Choice {
  const was = findOffered(before, catalogue);
  const offered = findOffered(chosen, catalogue);
  const isOffered = was !== undefined && isFirst(split, [was]);
  return isOffered && offered !== undefined && offered !== was ? chooseEntry(offered) : split;
}

function findOffered(
  optimizer: string,
  { optimizers, splits }: Catalogue,
): Catalogue["splits"][number] | undefined {
  const name = optimizers.find((entry) => entry.name === optimizer)?.split ?? splits[0]?.name;
  return splits.find((entry) => entry.name === name);
}
