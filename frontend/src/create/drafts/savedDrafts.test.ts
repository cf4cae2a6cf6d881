import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { catalogue, make } from "../form/exampleForm";
import { deleteDraft, findDraft, hasSameValues, saveDraft } from "./savedDrafts";

const enterTab = (name: string) => sessionStorage.setItem("ridgeline-tab", name);
const closeTab = () => sessionStorage.clear();
const find = (kind = "demonstration") => findDraft(kind, catalogue);
const write = (text: string) => {
  enterTab("a");
  sessionStorage.setItem("ridgeline-draft-demonstration-a", text);
};

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});
afterEach(() => vi.restoreAllMocks());

test("a draft comes back as it was typed, half numbers among it", () => {
  const typed = make({ epochs: "4x", notes: "mine" });
  saveDraft("demonstration", typed, { way: "YAML", text: "a: [" }, [], 5);
  const found = find();
  expect(found?.saved).toBe(5);
  expect(found?.edited).toEqual({ way: "YAML", text: "a: [" });
  expect(found?.draft && hasSameValues(found.draft, typed)).toBe(true);
  expect(new Set(found?.draft?.regularizers.map(({ id }) => id)).has(typed.regularizers[0]?.id ?? "")).toBe(
    false,
  );
});

test("each kind of start has its own", () => {
  saveDraft("5", make({ notes: "a clone" }), null, []);
  expect(find()).toBeNull();
  expect(find("55")).toBeNull();
  expect(find("5")?.draft?.notes).toBe("a clone");
});

test("a tab has its own draft, whatever another writes later; a new tab has the newest", () => {
  enterTab("a");
  saveDraft("demonstration", make({ notes: "of a" }), null, [], 1);
  const ofA = { ...sessionStorage };
  closeTab();
  enterTab("b");
  saveDraft("demonstration", make({ notes: "of b" }), null, [], 2);
  closeTab();
  expect(find()?.draft?.notes).toBe("of b");
  closeTab();
  for (const [key, value] of Object.entries(ofA)) sessionStorage.setItem(key, String(value));
  expect(find()?.draft?.notes).toBe("of a");
});

test("what a new tab took over is over with it, along the whole line", () => {
  enterTab("a");
  saveDraft("demonstration", make({ notes: "one" }), null, [], 1);
  closeTab();
  enterTab("b");
  saveDraft("demonstration", make({ notes: "two" }), null, find()?.origins ?? [], 2);
  closeTab();
  enterTab("c");
  const found = find();
  expect(found?.draft?.notes).toBe("two");
  deleteDraft("demonstration", found?.origins ?? []);
  closeTab();
  expect(find()).toBeNull();
});

test.each([
  ["nothing of it", () => "null"],
  ["another version", (kept: object) => JSON.stringify({ ...kept, version: 0 })],
  ["a data set that is gone", (kept: object) => JSON.stringify(kept).replace('"digits"', '"iris"')],
  ["a parameter that is gone", (kept: object) => JSON.stringify(kept).replace('"learning_rate"', '"speed"')],
  ["a list where a text stood", (kept: object) => JSON.stringify(kept).replace('"on digits"', "[1]")],
  ["a number where fields stood", (kept: object) => JSON.stringify({ ...kept, values: 7 })],
  ["no cards", (kept: object) => JSON.stringify(kept).replace('"regularizers"', '"regularisers"')],
])("a draft with %s is not restored, and what it held can be had", (_, spoil) => {
  enterTab("a");
  saveDraft("demonstration", make(), null, [], 3);
  const text = spoil(JSON.parse(sessionStorage.getItem("ridgeline-draft-demonstration-a") ?? ""));
  localStorage.clear();
  write(text);
  const found = find();
  if (text === "null") return expect(found).toBeNull();
  expect(found?.draft).toBeNull();
  expect(found?.raw).toBe(text);
});

test.each(["{", "", "[]", "3", '"text"', "undefined"])(
  "what is no draft at all, %j, breaks nothing",
  (text) => {
    write(text);
    expect(find()?.draft ?? null).toBeNull();
  },
);

test("every way to spoil one field is survived", () => {
  enterTab("a");
  saveDraft("demonstration", make(), null, [], 3);
  const kept = JSON.parse(sessionStorage.getItem("ridgeline-draft-demonstration-a") ?? "");
  localStorage.clear();
  const paths: string[][] = [];
  const walk = (value: unknown, path: string[]) => {
    paths.push(path);
    if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  walk(kept, []);
  for (const path of paths.slice(1))
    for (const wrong of [null, 7, "text", [], {}, [null], true]) {
      const copy = structuredClone(kept);
      const last = path.at(-1) ?? "";
      const holder = path.slice(0, -1).reduce((inner, key) => inner[key], copy);
      holder[last] = wrong;
      write(JSON.stringify(copy));
      const draft = find()?.draft;
      // Restored whole, or not at all: nothing in between that a page could stumble over.
      if (draft) expect(Object.keys(draft).sort()).toEqual(Object.keys(make()).sort());
    }
  expect(paths.length).toBeGreaterThan(60);
});

test("old drafts go, and the oldest of too many", () => {
  const day = 86_400_000;
  for (let index = 0; index < 30; index += 1) {
    enterTab(`tab${index}`);
    saveDraft("demonstration", make({ notes: String(index) }), null, [], index * day);
  }
  expect(localStorage.length).toBe(20);
  enterTab("late");
  saveDraft("demonstration", make(), null, [], 50 * day);
  expect(localStorage.length).toBe(11);
});

test("where the browser forbids storage or has no room, leaving the form still loses nothing", () => {
  enterTab("a");
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  saveDraft("demonstration", make({ notes: "kept here" }), null, []);
  expect(find()?.draft?.notes).toBe("kept here");
  deleteDraft("demonstration", []);
  expect(find()).toBeNull();
});
