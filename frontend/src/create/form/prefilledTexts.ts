import type { Draft } from "./formValues";

/** The texts that a form starts with, and that describe what it starts with. */
export const TEXTS = ["name", "notes", "tags"] as const;
export type Text = (typeof TEXTS)[number];

/**
 * The texts that were filled in and that nobody has edited, as they are to stand now: as the source has them while the
 * form still asks for what they describe, and empty once it asks for something else.
 *
 * The demonstration's texts describe its data, its network and its regularizers; an earlier experiment's may well go on to
 * be true of another network, but not of other data.
 */
export function followSource(draft: Draft, source: Draft, kind: string): Partial<Pick<Draft, Text>> {
  const isTrue = describe(draft, kind) === describe(source, kind);
  const followed = TEXTS.filter((text) => draft.prefilled[text]).map((text) => {
    const empty = text === "tags" ? [] : "";
    return [text, isTrue ? source[text] : empty] as const;
  });
  const changed = followed.filter(([text, value]) => JSON.stringify(value) !== JSON.stringify(draft[text]));
  return Object.fromEntries(changed);
}

/** What was filled in and is cleared now, if anything. */
export function listCleared(draft: Draft, source: Draft): Text[] {
  return TEXTS.filter((text) => draft.prefilled[text] && draft[text].length === 0 && source[text].length > 0);
}

function describe(draft: Draft, kind: string): string {
  const names = (chosen: readonly { name: string }[]) => chosen.map(({ name }) => name).sort();
  const more = kind === "demonstration" ? [draft.network.name, names(draft.regularizers)] : [];
  return JSON.stringify([draft.dataset.name, ...more]);
}
