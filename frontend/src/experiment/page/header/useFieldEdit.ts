import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Conflict, type Fields, type Kind, saveField } from "../../../api/fieldEdits";
import { type Base, forgetDraft, keepDraft, readDraft } from "../../../api/unsavedEdits";
import { readKnown, takeAnswer } from "../../live/experimentCache";
import type { Experiment } from "../../types";

/** A field that is being edited. `kept`: it was not saved before the page was loaded. */
export interface Open<Value> {
  value: Value;
  base: Base<Value>;
  status: "typing" | "kept" | "failed" | "conflict";
  error?: Error;
  theirs?: Base<Value>;
}

export interface Edit<Value> {
  /** Null while it is only read. */
  open: Open<Value> | null;
  isSaving: boolean;
  begin: () => void;
  write: (value: Value) => void;
  /** Sends what was changed. */
  save: () => void;
  /** Sends what was changed, and closes where nothing was. */
  finish: () => void;
  /** Gives the edit up. */
  discard: () => void;
  /** After a conflict: over what the others wrote. */
  keepMine: () => void;
}

/**
 * One field of an experiment that several people may edit: nothing is sent that was not changed, and what is typed stays
 * until it is saved. `staysOpen`: whether it is edited on once it is saved.
 */
export function useEdit<Field extends keyof Fields>(
  experiment: Experiment,
  field: Field,
  kind: Kind<Fields[Field]>,
  staysOpen: () => boolean = () => false,
): Edit<Fields[Field]> {
  type Value = Fields[Field];
  const { id } = experiment;
  const stored: Base<Value> = { value: experiment[field] as Value, version: experiment.version };
  const [open, setOpen] = useState(() => restore(id, field, kind, stored));
  // What an answer finds when it comes: more may have been typed since it was asked for.
  const latest = useRef(open);
  useEffect(() => {
    latest.current = open;
  });
  const isDue = useRef(false);
  const show = (next: Open<Value> | null) => {
    latest.current = next;
    setOpen(next);
    if (next === null || kind.isSame(next.value, next.base.value)) forgetDraft(id, field);
    else keepDraft(id, field, { value: next.value, base: next.base });
  };
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: ({ value, base }: Open<Value>) => saveField(id, field, kind, value, base),
    onMutate: () => readKnown(queryClient, id),
    onSuccess: async (answer, sent, before) => {
      // An answer from before this one must not come after it.
      await queryClient.cancelQueries({ queryKey: ["experiments", id], exact: true });
      takeAnswer(queryClient, id, answer, before);
      void queryClient.invalidateQueries({ queryKey: ["experiments", "list"] });
      const base = { value: answer[field] as Value, version: answer.version };
      const now = latest.current;
      if (now === null) return;
      const isAll = kind.isSame(now.value, sent.value);
      const value = isAll ? base.value : (kind.merge(sent.value, now.value, base.value) ?? now.value);
      show(isAll && !staysOpen() ? null : { value, base, status: "typing" });
    },
    onError: (error) => {
      const now = latest.current;
      if (now === null) return;
      const { current } = error instanceof Conflict ? error : { current: undefined };
      const theirs = current && { value: current[field] as Value, version: current.version };
      show({ ...now, status: theirs ? "conflict" : "failed", error, theirs });
      if (theirs) void queryClient.invalidateQueries({ queryKey: ["experiments", id], exact: true });
    },
    onSettled: (_answer, error) => {
      const again = isDue.current && error === null;
      isDue.current = false;
      if (again) send(latest.current);
    },
  });
  const send = (draft: Open<Value> | null) => {
    if (draft !== null && !kind.isSame(draft.value, draft.base.value)) saving.mutate(draft);
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
      // A conflict stays one until the reader has chosen.
      show({ ...now, value, status: now.status === "conflict" ? "conflict" : "typing" });
    },
    save,
    finish: () => {
      const now = latest.current;
      if (now !== null && kind.isSame(now.value, now.base.value)) show(null);
      else save();
    },
    discard: () => show(null),
    keepMine: () => {
      const now = latest.current;
      if (now?.theirs === undefined) return;
      const mine: Open<Value> = { value: now.value, base: now.theirs, status: "typing" };
      if (kind.isSame(mine.value, mine.base.value)) return show(null);
      show(mine);
      saving.mutate(mine);
    },
  };
}

/** What was typed before the page was loaded, unless it is what is there by now. */
function restore<Field extends keyof Fields>(
  id: number,
  field: Field,
  kind: Kind<Fields[Field]>,
  stored: Base<Fields[Field]>,
): Open<Fields[Field]> | null {
  const draft = readDraft<Fields[Field]>(id, field);
  if (draft === null || typeof draft.value !== typeof stored.value) return null;
  if (!kind.isSame(draft.value, stored.value)) return { ...draft, status: "kept" };
  forgetDraft(id, field);
  return null;
}
