const MARK = /\s*It printed last:\n/;

/** A job's cause, as the worker writes it: the sentence, and the lines that its trainer printed last. */
export function splitFailure(error: string): { sentence: string; lines: string[] } {
  const found = MARK.exec(error);
  const [sentence, log] =
    found === null
      ? [error.split("\n", 1)[0] ?? "", error.split("\n").slice(1).join("\n")]
      : [error.slice(0, found.index), error.slice(found.index + found[0].length)];
  return { sentence, lines: log === "" ? [] : log.replace(/\n+$/, "").split("\n") };
}
