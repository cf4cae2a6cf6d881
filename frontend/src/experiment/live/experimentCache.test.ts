import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { Experiment } from "../types";
import { readKnown, takeAnswer, takeUpdate } from "./experimentCache";

function make(state: string, version = 1, name = "One"): Experiment {
  return { id: 7, state, version, name, notes: "", tags: [] as string[] } as Experiment;
}

function makeClient(known?: Experiment): QueryClient {
  const client = new QueryClient();
  if (known) client.setQueryData(["experiments", 7], known);
  return client;
}

test("an answer is taken where nothing was told since the change was sent", () => {
  const client = makeClient(make("failed"));
  takeAnswer(client, 7, make("queued"), readKnown(client, 7));
  expect(readKnown(client, 7)?.state).toBe("queued");
});

test("an answer that comes after what happened next does not undo it", () => {
  const client = makeClient(make("failed"));
  const before = readKnown(client, 7);
  takeUpdate(client, 7, make("running"));
  takeUpdate(client, 7, make("failed"));
  takeUpdate(client, 7, make("completed"));
  takeAnswer(client, 7, make("queued"), before);
  expect(readKnown(client, 7)?.state).toBe("completed");
});

test("what was edited is shown at once, whatever was told meanwhile", () => {
  const client = makeClient(make("running", 1));
  const before = readKnown(client, 7);
  takeUpdate(client, 7, make("completed", 1));
  takeAnswer(client, 7, make("running", 2, "Two"), before);
  expect(readKnown(client, 7)).toMatchObject({ state: "completed", version: 2, name: "Two" });
});

test("an older edit does not come back", () => {
  const client = makeClient(make("running", 1));
  const before = readKnown(client, 7);
  takeUpdate(client, 7, make("running", 3, "Three"));
  takeAnswer(client, 7, make("running", 2, "Two"), before);
  expect(readKnown(client, 7)).toMatchObject({ version: 3, name: "Three" });
});

test("what is told while an answer is under way stays", async () => {
  const client = makeClient();
  let answer: (experiment: Experiment) => void = () => undefined;
  const asked = client
    .fetchQuery({
      queryKey: ["experiments", 7],
      queryFn: () => new Promise<Experiment>((resolve) => (answer = resolve)),
    })
    .catch(() => undefined);
  takeUpdate(client, 7, make("completed"));
  answer(make("running"));
  await asked;
  expect(readKnown(client, 7)?.state).toBe("completed");
});
