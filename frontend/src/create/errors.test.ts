import { expect, test } from "vitest";
import { nameField, placeErrors } from "./errors";

const FIELDS = [
  "dataset.name",
  "dataset.noise",
  "optimizer.momentum",
  "regularizers",
  "regularizers.0.strengths",
  "seeds",
];
const place = (field: string | null) => placeErrors([{ field, message: "no" }], FIELDS);

test.each([
  ["optimizer.momentum", "optimizer.momentum"],
  ["body.optimizer.momentum", "optimizer.momentum"],
  ["regularizers.0.strengths.2", "regularizers.0.strengths"],
  ["regularizers.0.l1.strengths.grid.to", "regularizers.0.strengths"],
  ["regularizers.4.strengths", "regularizers"],
  ["seeds.1", "seeds"],
  ["dataset.unheard", ""],
  ["body", ""],
  [null, ""],
])("an error at %s stands at %j", (path, field) => {
  expect(place(path)).toEqual({ [field]: "no" });
});

test("two errors of one field stand together", () => {
  const details = [
    { field: "seeds.0", message: "One." },
    { field: "seeds.1", message: "Two." },
  ];
  expect(placeErrors(details, FIELDS)).toEqual({ seeds: "One. Two." });
});

test("fields are named as one would say them", () => {
  expect(nameField("regularizers.0.strengths")).toBe("Regularizers 1, strengths");
  expect(nameField("batch_size")).toBe("Batch size");
});
