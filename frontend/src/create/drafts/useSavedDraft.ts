import { useEffect, useRef } from "react";
import type { Draft } from "../form/formValues";
import { dropDraft, type EditedText, type Found, isSame, keepDraft } from "./savedDrafts";

interface Typed {
  values: Draft;
  edited: EditedText | null;
}

/**
 * Keeps what is typed at once, so that neither leaving nor a crash loses it; what is as the form began is no draft.
 * Returns how to end the draft.
 */
export function useKeptDraft(
  kind: string,
  source: Draft,
  found: Found | null,
  { values, edited }: Typed,
): () => void {
  const origins = useRef(found?.origins ?? []);
  const last = useRef<Typed>({ values, edited });
  useEffect(() => {
    if (last.current.values === values && last.current.edited === edited) return;
    last.current = { values, edited };
    if (edited === null && isSame(values, source)) dropDraft(kind, origins.current);
    else keepDraft(kind, values, edited, origins.current);
  }, [kind, source, values, edited]);
  return () => dropDraft(kind, origins.current);
}
