const MARK = /\s*It printed last:\n/;

/** Splits a job's error, as the worker writes it, into the sentence and the last lines of its trainer's output. */
export function splitFailure(error: string): { sentence: string; lines: string[] } {
  const found = MARK.exec(error);
  const [sentence, log] =
    found === null
      ? [error.split("\n", 1)[0] ?? "", error.split("\n").slice(1).join("\n")]
      : [error.slice(0, found.index), error.slice(found.index + found[0].length)];
  return { sentence, lines: log === "" ? [] : log.replace(/\n+$/, "").split("\n") };
}
