import { countNoun } from "../../../text/numbers";
import type { Experiment } from "../../types";

/** `10 folds, shuffled`; empty where all runs have the same rows, drawn by the split seed. */
export function nameSplit({ dataset }: Experiment["spec"]): string {
  const { split } = dataset;
  if (split === undefined) return "";
  if (split.name === "folds")
    return `${countNoun(split.k ?? 0, "fold")}, ${split.shuffled === false ? "in order" : "shuffled"}`;
  if (split.name === "by_seed") return "rows by seed";
  return split.shuffled === false ? "split in order" : "";
}
