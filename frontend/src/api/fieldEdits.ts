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

/** How two values of a field are compared, and what becomes of two edits of it. */
export interface MergeRules<Value> {
  isSame: (one: Value, other: Value) => boolean;
  /** As it is sent. */
  clean: (value: Value) => Value;
  /** What `mine` makes of `theirs`, both edits of `base`; null where one of the two must go. */
  merge: (base: Value, mine: Value, theirs: Value) => Value | null;
}

// A textarea knows no other line break.
const cleanText = (text: string) => text.replace(/\r\n?/g, "\n").trim();

export const TEXT: MergeRules<string> = {
  isSame: (one, other) => cleanText(one) === cleanText(other),
  clean: cleanText,
  merge: (base, mine, theirs) => (TEXT.isSame(base, theirs) || TEXT.isSame(mine, theirs) ? mine : null),
};

/** Each tag that is added or taken away is an edit of its own. */
export const TAGS: MergeRules<string[]> = {
  isSame: (one, other) => JSON.stringify([...one].sort()) === JSON.stringify([...other].sort()),
  clean: (tags) => [...new Set(tags)],
  merge: (base, mine, theirs) => [
    ...theirs.filter((tag) => mine.includes(tag) || !base.includes(tag)),
    ...mine.filter((tag) => !base.includes(tag) && !theirs.includes(tag)),
  ],
};

/** Somebody else has edited the same field meanwhile. */
export class EditConflict extends Error {
  constructor(readonly current: Annotations) {
    super("It was changed meanwhile.");
    this.name = "Conflict";
  }
}

/** The condition of a change: that nobody else has edited the experiment since this version. */
export function matchVersion(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}

/** What is there now, where a change was refused because of it. */
export function findCurrent(error: unknown): Annotations | undefined {
  return error instanceof ApiError ? error.current : undefined;
}

// Others may be quicker again and again; at some point the reader is asked.
const MOST_TURNS = 5;

/** Saves one field, whatever others have done to the other ones. Throws Conflict, and as `take` does. */
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
