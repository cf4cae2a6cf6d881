// Under which keys answers are kept. Whatever is kept of one experiment has its id as the second part.

/** Everything that is kept of experiments: the pages of the list, and each on its own. */
export const EXPERIMENTS_KEY = ["experiments"] as const;
export const LIST_KEY = ["experiments", "list"] as const;

export const experimentKey = (id: number) => ["experiments", id] as const;
export const runsKey = (id: number) => ["runs", id] as const;
export const figuresKey = (id: number) => ["figures", id] as const;
