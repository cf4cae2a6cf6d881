/** Versions are `name.number`: of one name, a larger number is newer. Of two names it cannot be said. */
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

/** Whether who has `version` has all that leads to `other`. */
export function hasReached(version: string, other: string): boolean {
  const order = compare(version, other);
  return order !== null && order >= 0;
}

/** The version from which on all of these can be brought up to date; "" where that is unknown: they are told all. */
export function findOldest(versions: readonly string[]): string {
  const [first = "", ...rest] = versions;
  return rest.reduce((oldest, version) => {
    const order = compare(version, oldest);
    if (order === null) return "";
    return order < 0 ? version : oldest;
  }, first);
}
