const PLAIN = [..."+-.0123456789"];
const RAISED = [..."⁺⁻·⁰¹²³⁴⁵⁶⁷⁸⁹"];

/** What stands for a sign, a digit or a point in an exponent, as a class of regular expressions holds them. */
export const SUPERSCRIPTS = RAISED.join("");

/** `-3.5` as an exponent: ⁻³·⁵. */
export function raise(number: string): string {
  return replace(number, PLAIN, RAISED);
}

/** An exponent as a plain number: `-3.5` for ⁻³·⁵. */
export function lower(exponent: string): string {
  return replace(exponent, RAISED, PLAIN);
}

function replace(text: string, from: readonly string[], to: readonly string[]): string {
  return [...text].map((char) => to[from.indexOf(char)] ?? char).join("");
}
