const PLAIN = [..."+-.0123456789"];
const RAISED = [..."⁺⁻·⁰¹²³⁴⁵⁶⁷⁸⁹"];

/** Superscript signs, digits and point, for a character class of a regular expression. */
export const SUPERSCRIPTS = RAISED.join("");

/** `-3.5` in superscript: ⁻³·⁵. */
export function raise(number: string): string {
  return replace(number, PLAIN, RAISED);
}

/** Superscript ⁻³·⁵ as plain text: `-3.5`. */
export function lower(exponent: string): string {
  return replace(exponent, RAISED, PLAIN);
}

function replace(text: string, from: readonly string[], to: readonly string[]): string {
  return [...text].map((char) => to[from.indexOf(char)] ?? char).join("");
}
