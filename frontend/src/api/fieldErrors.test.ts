import { expect, test } from "vitest";
import { describeDetail, placeDetails, placeErrors } from "./fieldErrors";

const FIELDS = [
  "dataset.name",
  "dataset.noise",
  "optimizer.momentum",
  "regularizers",
  "regularizers.0.strengths",
  "seeds",
];
const place = (field: string | null) => placeErrors([{ field, label: null, message: "no" }], FIELDS);

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
    { field: "seeds.0", label: "Seed 1", message: "One." },
    { field: "seeds.1", label: "Seed 2", message: "Two." },
  ];
  expect(placeDetails(details, FIELDS)).toEqual({ seeds: { label: "Seed 1", message: "One. Two." } });
});

test("what belongs to no field of the form says what it is about", () => {
  const detail = { field: "colour", label: "Colour", message: "There is no such field." };
  expect(placeDetails([detail], FIELDS)).toEqual({
    "": { label: "Colour", message: "Colour: there is no such field." },
  });
  expect(describeDetail({ field: null, label: null, message: "Too many." })).toBe("Too many.");
});
