// Keys of the query cache. In a key of one experiment the second part is its id.

/** Prefix of all experiments: the pages of the list, and each single one. */
export const EXPERIMENTS_KEY = ["experiments"] as const;
export const LIST_KEY = ["experiments", "list"] as const;

export const experimentKey = (id: number) => ["experiments", id] as const;
export const runsKey = (id: number) => ["runs", id] as const;
export const figuresKey = (id: number) => ["figures", id] as const;
export const answerKey = (id: number) => ["answers", id] as const;
/** Prefix of all comparisons: of the verdicts, and of their figures. */
export const COMPARISON_KEY = ["comparison"] as const;
