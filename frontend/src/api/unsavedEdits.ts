// Unsaved edits of an experiment's fields, kept in localStorage, so that a reload loses none.

/** An edited value and the value that it replaces. */
export interface StoredEdit<Value> {
  value: Value;
  base: Versioned<Value>;
}
/** A value and the experiment's version that it comes from. */
export interface Versioned<Value> {
  value: Value;
  version: number;
}

/** The fields of an experiment that people edit. */
export const EDITABLE_FIELDS = ["name", "notes", "tags"] as const;

const PREFIX = "ridgeline:draft:";

function makeKey(id: number, field: string): string {
  return `${PREFIX}${id}:${field}`;
}

/** Null if there is none, or it is malformed. */
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
    // Storage is full or forbidden; the text is still in its field.
  }
}

export function deleteUnsavedEdit(id: number, field: string): void {
  try {
    localStorage.removeItem(makeKey(id, field));
  } catch {
    // As above.
  }
}

/** For a deleted experiment. */
export function deleteUnsavedEdits(id: number): void {
  for (const field of EDITABLE_FIELDS) deleteUnsavedEdit(id, field);
}
