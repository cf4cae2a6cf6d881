// Texts that are not saved yet, kept in this browser: a reload, or a page that is left, loses none of them.

/** Of one field: what was typed, and what it was typed over. */
export interface Draft<Value> {
  value: Value;
  base: Base<Value>;
}
/** What was there when the editing began, and its version. */
export interface Base<Value> {
  value: Value;
  version: number;
}

const PREFIX = "ridgeline:draft:";

function name(id: number, field: string): string {
  return `${PREFIX}${id}:${field}`;
}

/** Null where there is none, or what is there is none. */
export function readDraft<Value>(id: number, field: string): Draft<Value> | null {
  try {
    const draft = JSON.parse(localStorage.getItem(name(id, field)) ?? "null") as Draft<Value> | null;
    return typeof draft?.base?.version === "number" ? draft : null;
  } catch {
    return null;
  }
}

export function keepDraft<Value>(id: number, field: string, draft: Draft<Value>): void {
  try {
    localStorage.setItem(name(id, field), JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden: the text still stands in its field.
  }
}

export function forgetDraft(id: number, field: string): void {
  try {
    localStorage.removeItem(name(id, field));
  } catch {
    // As above.
  }
}

/** Those of an experiment that is no more. */
export function forgetDrafts(id: number): void {
  for (const field of ["name", "notes", "tags"]) forgetDraft(id, field);
}
