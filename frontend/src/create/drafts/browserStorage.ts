// Fallback in memory, where storage is forbidden or full.
const remembered = new Map<string, string>();

export type Place = "tab" | "browser";

function open(place: Place): Storage | null {
  try {
    return place === "tab" ? window.sessionStorage : window.localStorage;
  } catch {
    return null;
  }
}

export function readText(place: Place, key: string): string | null {
  try {
    return open(place)?.getItem(key) ?? remembered.get(key) ?? null;
  } catch {
    return remembered.get(key) ?? null;
  }
}

export function writeText(place: Place, key: string, text: string): void {
  try {
    const storage = open(place);
    if (storage === null) throw new Error("The browser forbids storage.");
    storage.setItem(key, text);
    remembered.delete(key);
  } catch {
    if (place === "tab") remembered.set(key, text);
  }
}

export function removeText(place: Place, key: string): void {
  remembered.delete(key);
  try {
    open(place)?.removeItem(key);
  } catch {
    // Forbidden storage is empty.
  }
}

export function listKeys(place: Place, start: string): string[] {
  try {
    const storage = open(place);
    const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? "");
    return keys.filter((key) => key.startsWith(start));
  } catch {
    return [];
  }
}

/** An id of this tab, kept across reloads. */
export function getTabName(): string {
  const known = readText("tab", "ridgeline-tab");
  if (known !== null) return known;
  const name = makeRandomKey();
  writeText("tab", "ridgeline-tab", name);
  return name;
}

// crypto.randomUUID is missing on pages served over plain HTTP.
export function makeRandomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
