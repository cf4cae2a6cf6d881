import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type EditableFields, EditConflict, type MergeRules, saveField } from "../../../api/fieldEdits";
import { experimentKey, LIST_KEY } from "../../../api/queryKeys";
import {
  deleteUnsavedEdit,
  readUnsavedEdit,
  storeUnsavedEdit,
  type Versioned,
} from "../../../api/unsavedEdits";
import { useExperimentChange } from "../../live/useExperimentChange";
import type { Experiment } from "../../types";

/** A field being edited. `kept`: restored from before the page was loaded. */
export interface OpenEdit<Value> {
  value: Value;
  base: Versioned<Value>;
  status: "typing" | "kept" | "failed" | "conflict";
  error?: Error;
  theirs?: Versioned<Value>;
}

export interface FieldEdit<Value> {
  /** Null while the field is not edited. */
  open: OpenEdit<Value> | null;
  isSaving: boolean;
  begin: () => void;
  write: (value: Value) => void;
  /** Saves the change. */
  save: () => void;
  /** Saves the change, or closes the field if there is none. */
  finish: () => void;
  /** Cancels the edit. */
  discard: () => void;
  /** Resolves a conflict by overwriting the other edit. */
  keepMine: () => void;
}

/**
 * The edit of one field, which others may edit at the same time. Only changes are sent, and typed text is kept until it
 * is saved. `staysOpen`: whether the field stays open after saving.
 */
export function useFieldEdit<Field extends keyof EditableFields>(
  experiment: Experiment,
  field: Field,
  rules: MergeRules<EditableFields[Field]>,
  staysOpen: () => boolean = () => false,
): FieldEdit<EditableFields[Field]> {
  type Value = EditableFields[Field];
  const { id } = experiment;
  const stored: Versioned<Value> = { value: experiment[field] as Value, version: experiment.version };
  const [open, setOpen] = useState(() => restore(id, field, rules, stored));
  // Read when a response arrives: more may have been typed since.
  const latest = useRef(open);
  useEffect(() => {
    latest.current = open;
  });
  const isDue = useRef(false);
  const show = (next: OpenEdit<Value> | null) => {
    latest.current = next;
    setOpen(next);
    if (next === null || rules.isSame(next.value, next.base.value)) deleteUnsavedEdit(id, field);
    else storeUnsavedEdit(id, field, { value: next.value, base: next.base });
  };
  const queryClient = useQueryClient();
  const saving = useExperimentChange(
    id,
    (sent: OpenEdit<Value>) => saveField(id, field, rules, sent.value, sent.base),
    {
      onSuccess: (answer, sent) => {
        void queryClient.invalidateQueries({ queryKey: LIST_KEY });
        const base = { value: answer[field] as Value, version: answer.version };
        const now = latest.current;
        if (now === null) return;
        const isAll = rules.isSame(now.value, sent.value);
        const value = isAll ? base.value : (rules.merge(sent.value, now.value, base.value) ?? now.value);
        show(isAll && !staysOpen() ? null : { value, base, status: "typing" });
      },
      onError: (error) => {
        const now = latest.current;
        if (now === null) return;
        const { current } = error instanceof EditConflict ? error : { current: undefined };
        const theirs = current && { value: current[field] as Value, version: current.version };
        show({ ...now, status: theirs ? "conflict" : "failed", error, theirs });
        if (theirs) void queryClient.invalidateQueries({ queryKey: experimentKey(id), exact: true });
      },
      onSettled: (_answer, error) => {
        const again = isDue.current && error === null;
        isDue.current = false;
        if (again) send(latest.current);
      },
    },
  );
  const send = (draft: OpenEdit<Value> | null) => {
    if (draft !== null && !rules.isSame(draft.value, draft.base.value)) saving.mutate(draft);
  };
  const save = () => {
    if (saving.isPending) isDue.current = true;
    else send(latest.current);
  };
  return {
    open,
    isSaving: saving.isPending,
    begin: () => show({ value: stored.value, base: stored, status: "typing" }),
    write: (value) => {
      const now = latest.current;
      if (now === null) return;
      // Typing does not resolve a conflict.
      show({ ...now, value, status: now.status === "conflict" ? "conflict" : "typing" });
    },
    save,
    finish: () => {
      const now = latest.current;
      if (now !== null && rules.isSame(now.value, now.base.value)) show(null);
      else save();
    },
    discard: () => show(null),
    keepMine: () => {
      const now = latest.current;
      if (now?.theirs === undefined) return;
      const mine: OpenEdit<Value> = { value: now.value, base: now.theirs, status: "typing" };
      if (rules.isSame(mine.value, mine.base.value)) return show(null);
      show(mine);
      saving.mutate(mine);
    },
  };
}

/** An edit from before the page was loaded, unless it equals the stored value. */
function restore<Field extends keyof EditableFields>(
  id: number,
  field: Field,
  rules: MergeRules<EditableFields[Field]>,
  stored: Versioned<EditableFields[Field]>,
): OpenEdit<EditableFields[Field]> | null {
  const draft = readUnsavedEdit<EditableFields[Field]>(id, field);
  if (draft === null || typeof draft.value !== typeof stored.value) return null;
  if (!rules.isSame(draft.value, stored.value)) return { ...draft, status: "kept" };
  deleteUnsavedEdit(id, field);
  return null;
}
