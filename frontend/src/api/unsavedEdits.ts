// Texts that are not saved yet, kept in this browser: a reload, or a page that is left, loses none of them.

/** Of one field: what was typed, and what it was typed over. */
export interface StoredEdit<Value> {
  value: Value;
  base: Versioned<Value>;
}
/** What was there when the editing began, and its version. */
export interface Versioned<Value> {
  value: Value;
  version: number;
}

/** What people write about an experiment. */
export const EDITABLE_FIELDS = ["name", "notes", "tags"] as const;

const PREFIX = "ridgeline:draft:";

function makeKey(id: number, field: string): string {
  return `${PREFIX}${id}:${field}`;
}

/** Null where there is none, or what is there is none. */
export function readUnsavedEdit<Value>(id: number, field: string): StoredEdit<Value> | null {
  try {
    const draft = JSON.parse(localStorage.getItem(makeKey(id, field)) ?? "null") as StoredEdit<Value> | null;
    return typeof draft?.base?.version === "number" ? draft : null;
  } catch {
    return null;
  }
}

export function storeUnsavedEdit<Value>(id: number, field: string, draft: StoredEdit<Value>): void {
  try {
    localStorage.setItem(makeKey(id, field), JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden: the text still stands in its field.
  }
}

export function deleteUnsavedEdit(id: number, field: string): void {
  try {
    localStorage.removeItem(makeKey(id, field));
  } catch {
    // As above.
  }
}

/** Those of an experiment that is no more. */
export function deleteUnsavedEdits(id: number): void {
  for (const field of EDITABLE_FIELDS) deleteUnsavedEdit(id, field);
}
