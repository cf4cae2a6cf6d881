import { ApiError, api, type Schemas, unwrap } from "./client";
import type { Versioned } from "./unsavedEdits";

export type Experiment = Schemas["ExperimentView"];
export type Annotations = Schemas["Annotations"];
/** The fields that people edit, as EDITABLE_FIELDS lists them. */
export interface EditableFields {
  name: string;
  notes: string;
  tags: string[];
}

/** How values of a field are compared, and how two concurrent edits are merged. */
export interface MergeRules<Value> {
  isSame: (one: Value, other: Value) => boolean;
  /** Normalizes a value before it is sent. */
  clean: (value: Value) => Value;
  /** Merges two edits of `base`; null for a conflict. */
  merge: (base: Value, mine: Value, theirs: Value) => Value | null;
}

// A textarea normalizes line breaks to \n.
const cleanText = (text: string) => text.replace(/\r\n?/g, "\n").trim();

export const TEXT: MergeRules<string> = {
  isSame: (one, other) => cleanText(one) === cleanText(other),
  clean: cleanText,
  merge: (base, mine, theirs) => (TEXT.isSame(base, theirs) || TEXT.isSame(mine, theirs) ? mine : null),
};

/** Additions and removals of single tags are merged. */
export const TAGS: MergeRules<string[]> = {
  isSame: (one, other) => JSON.stringify([...one].sort()) === JSON.stringify([...other].sort()),
  clean: (tags) => [...new Set(tags)],
  merge: (base, mine, theirs) => [
    ...theirs.filter((tag) => mine.includes(tag) || !base.includes(tag)),
    ...mine.filter((tag) => !base.includes(tag) && !theirs.includes(tag)),
  ],
};

/** Another edit of the same field was saved first. */
export class EditConflict extends Error {
  constructor(readonly current: Annotations) {
    super("It was changed meanwhile.");
    this.name = "Conflict";
  }
}

/** The header that makes a change conditional on the experiment's version. */
export function matchVersion(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}

/** The current values, if the change was refused because of a newer version. */
export function findCurrent(error: unknown): Annotations | undefined {
  return error instanceof ApiError ? error.current : undefined;
}

// After so many merges in a row the reader decides.
const MOST_TURNS = 5;

/** Saves one field, merged with concurrent edits. Throws EditConflict, ApiError or TypeError. */
export async function saveField<Field extends keyof EditableFields>(
  id: number,
  field: Field,
  rules: MergeRules<EditableFields[Field]>,
  value: EditableFields[Field],
  base: Versioned<EditableFields[Field]>,
): Promise<Experiment> {
  let mine = rules.clean(value);
  let { value: before, version } = base;
  for (let turn = 1; ; turn++) {
    try {
      const params = { path: { experiment_id: id }, header: matchVersion(version) };
      return await unwrap(api.PATCH("/api/experiments/{experiment_id}", { params, body: { [field]: mine } }));
    } catch (error) {
      const current = findCurrent(error);
      if (current === undefined) throw error;
      const theirs = current[field] as EditableFields[Field];
      const merged = rules.merge(before, mine, theirs);
      if (merged === null || turn === MOST_TURNS) throw new EditConflict(current);
      mine = merged;
      before = theirs;
      version = current.version;
    }
  }
}
