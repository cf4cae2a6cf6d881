import { useEffect, useRef } from "react";
import type { FormValues } from "../form/formValues";
import { deleteDraft, type EditedText, type FoundDraft, hasSameValues, saveDraft } from "./savedDrafts";

interface Typed {
  values: FormValues;
  edited: EditedText | null;
}

/**
 * Saves every change as a draft; values equal to the template's are no draft. Returns a function that deletes it.
 */
export function useSavedDraft(
  kind: string,
  template: FormValues,
  found: FoundDraft | null,
  { values, edited }: Typed,
): () => void {
  const origins = useRef(found?.origins ?? []);
  const last = useRef<Typed>({ values, edited });
  useEffect(() => {
    if (last.current.values === values && last.current.edited === edited) return;
    last.current = { values, edited };
    if (edited === null && hasSameValues(values, template)) deleteDraft(kind, origins.current);
    else saveDraft(kind, values, edited, origins.current);
  }, [kind, template, values, edited]);
  return () => deleteDraft(kind, origins.current);
}
