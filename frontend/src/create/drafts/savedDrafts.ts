import { assignIds, type Catalogue, type FormValues } from "../form/formValues";
import { getTabName, listKeys, type Place, readText, removeText, writeText } from "./browserStorage";
import { checkDraft } from "./checkDraft";

/** A spec edited as text and not applied to the form yet. */
export interface EditedText {
  way: "JSON" | "YAML";
  text: string;
}

/** A draft of an earlier visit. `draft` is null if this version of the form cannot restore it; `raw` is its text. */
export interface FoundDraft {
  saved: number;
  draft: FormValues | null;
  edited: EditedText | null;
  raw: string;
  /** Storage keys of the draft and its predecessors, which are deleted with it. */
  origins: string[];
}

interface StoredDraft {
  version: number;
  saved: number;
  origins: string[];
  values: FormValues;
  edited: EditedText | null;
}

// To be incremented when the fields of FormValues change.
const VERSION = 1;
const MOST_DAYS = 30;
const MOST_DRAFTS = 20;

/** Prefix of the storage keys of a template: `demonstration`, `empty`, or the id of the cloned experiment. */
const nameKind = (kind: string) => `ridgeline-draft-${kind}-`;

/**
 * The draft for a template: this tab's own, which survives a reload, else the newest of any tab of this browser.
 */
export function findDraft(kind: string, catalogue: Catalogue): FoundDraft | null {
  const own = nameKind(kind) + getTabName();
  const mine = readFound("tab", own, catalogue);
  if (mine !== null) return mine;
  const others = listKeys("browser", nameKind(kind)).map((key) => readFound("browser", key, catalogue));
  const found = others.filter((one) => one !== null).sort((one, other) => other.saved - one.saved);
  return found.find(({ draft }) => draft !== null) ?? found[0] ?? null;
}

/** Saves a draft, both for this tab and for later ones. */
export function saveDraft(
  kind: string,
  values: FormValues,
  edited: EditedText | null,
  origins: string[],
  now = Date.now(),
): void {
  const own = nameKind(kind) + getTabName();
  const kept: StoredDraft = {
    version: VERSION,
    saved: now,
    origins: origins.filter((key) => key !== own),
    values,
    edited,
  };
  const text = JSON.stringify(kept);
  writeText("tab", own, text);
  writeText("browser", own, text);
  prune(now);
}

/** Deletes a draft and its predecessors. */
export function deleteDraft(kind: string, origins: readonly string[]): void {
  const own = nameKind(kind) + getTabName();
  removeText("tab", own);
  for (const key of [own, ...origins]) removeText("browser", key);
}

/** Whether two drafts are equal, apart from the ids of their cards. */
export function hasSameValues(one: FormValues, other: FormValues): boolean {
  return JSON.stringify(assignIds(one, () => "")) === JSON.stringify(assignIds(other, () => ""));
}

function readFound(place: Place, key: string, catalogue: Catalogue): FoundDraft | null {
  const raw = readText(place, key);
  if (raw === null) return null;
  try {
    const kept = JSON.parse(raw) as Partial<StoredDraft>;
    const saved = typeof kept.saved === "number" ? kept.saved : 0;
    const origins = [key, ...(Array.isArray(kept.origins) ? kept.origins.map(String) : [])];
    const draft = kept.version === VERSION ? checkDraft(kept.values, catalogue) : null;
    return { saved, draft, edited: readEdited(kept.edited), raw, origins };
  } catch {
    // Not JSON, so not written by this form.
    removeText(place, key);
    return null;
  }
}

function readEdited(value: unknown): EditedText | null {
  if (typeof value !== "object" || value === null) return null;
  const { way, text } = value as Partial<EditedText>;
  return (way === "JSON" || way === "YAML") && typeof text === "string" ? { way, text } : null;
}

/** Deletes old drafts, and the oldest of too many. */
function prune(now: number): void {
  const kept = listKeys("browser", "ridgeline-draft-").map((key) => ({ key, saved: readTime(key) }));
  kept.sort((one, other) => other.saved - one.saved);
  kept.forEach(({ key, saved }, index) => {
    if (index >= MOST_DRAFTS || now - saved > MOST_DAYS * 86_400_000) removeText("browser", key);
  });
}

function readTime(key: string): number {
  try {
    return (
      Number((JSON.parse(readText("browser", key) ?? "null") as Partial<StoredDraft> | null)?.saved) || 0
    );
  } catch {
    return 0;
  }
}
