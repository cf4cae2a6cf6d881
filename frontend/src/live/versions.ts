/** Versions are `name.number`, ordered by number within a name; null for two names. */
function compare(one: string, other: string): number | null {
  if (one === other) return 0;
  const [name, number] = split(one);
  const [otherName, otherNumber] = split(other);
  return name === otherName && name !== "ended" ? number - otherNumber : null;
}

function split(version: string): [string, number] {
  const dot = version.lastIndexOf(".");
  return [version.slice(0, dot), Number(version.slice(dot + 1))];
}

/** Whether `version` is `other` or newer. */
export function hasReached(version: string, other: string): boolean {
  const order = compare(version, other);
  return order !== null && order >= 0;
}

/** The oldest version, from which all can be updated; "" (send everything) if they have no order. */
export function findOldest(versions: readonly string[]): string {
  const [first = "", ...rest] = versions;
  return rest.reduce((oldest, version) => {
    const order = compare(version, oldest);
    if (order === null) return "";
    return order < 0 ? version : oldest;
  }, first);
}
