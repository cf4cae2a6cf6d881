import { expect, test } from "vitest";
import { make, SPEC } from "./exampleForm";
import { listCleared, updatePrefilled } from "./prefilledTexts";

test("texts that were filled in follow what they describe; those of a person stay", () => {
  const source = make();
  const wine = { name: "wine", parameters: {} };
  const moved = make({ dataset: wine });
  expect(updatePrefilled(moved, source, "demonstration")).toEqual({ name: "", notes: "", tags: [] });
  const cleared = { ...moved, name: "", notes: "", tags: [] };
  expect(listCleared(cleared, source)).toEqual(["name", "notes", "tags"]);
  expect(updatePrefilled({ ...cleared, dataset: source.dataset }, source, "demonstration")).toEqual({
    name: SPEC.name,
    notes: SPEC.notes,
    tags: SPEC.tags,
  });
  const typed = { ...moved, name: "Mine", prefilled: { name: false, notes: true, tags: true } };
  expect(updatePrefilled(typed, source, "demonstration")).toEqual({ notes: "", tags: [] });
  expect(updatePrefilled(source, source, "demonstration")).toEqual({});
});

test("the demonstration's texts describe its network and regularizers too, an earlier experiment's only its data", () => {
  const source = make();
  const other = make({ network: { name: "mlp", model: "", parameters: {} } });
  const fewer = make({ regularizers: [] });
  for (const draft of [other, fewer]) {
    expect(updatePrefilled(draft, source, "demonstration")).toHaveProperty("name", "");
    expect(updatePrefilled(draft, source, "12")).toEqual({});
  }
});
