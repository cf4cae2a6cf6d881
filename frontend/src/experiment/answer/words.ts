import type { Verdict } from "../types";

/** The verdicts, as words. */
export const WORDS: Record<Verdict["word"], string> = {
  better: "Better",
  no_difference: "No difference shown",
  tie: "Tie",
  worse: "Worse",
  not_judged: "Not judged",
};
