import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { Experiment } from "../types";
import { applyResponse, applyStreamUpdate, readCachedExperiment } from "./experimentCache";

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
  applyResponse(client, 7, make("queued"), readCachedExperiment(client, 7));
  expect(readCachedExperiment(client, 7)?.state).toBe("queued");
});

test("an answer that comes after what happened next does not undo it", () => {
  const client = makeClient(make("failed"));
  const before = readCachedExperiment(client, 7);
  applyStreamUpdate(client, 7, make("running"));
  applyStreamUpdate(client, 7, make("failed"));
  applyStreamUpdate(client, 7, make("completed"));
  applyResponse(client, 7, make("queued"), before);
  expect(readCachedExperiment(client, 7)?.state).toBe("completed");
});

test("what was edited is shown at once, whatever was told meanwhile", () => {
  const client = makeClient(make("running", 1));
  const before = readCachedExperiment(client, 7);
  applyStreamUpdate(client, 7, make("completed", 1));
  applyResponse(client, 7, make("running", 2, "Two"), before);
  expect(readCachedExperiment(client, 7)).toMatchObject({ state: "completed", version: 2, name: "Two" });
});

test("an older edit does not come back", () => {
  const client = makeClient(make("running", 1));
  const before = readCachedExperiment(client, 7);
  applyStreamUpdate(client, 7, make("running", 3, "Three"));
  applyResponse(client, 7, make("running", 2, "Two"), before);
  expect(readCachedExperiment(client, 7)).toMatchObject({ version: 3, name: "Three" });
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
  applyStreamUpdate(client, 7, make("completed"));
  answer(make("running"));
  await asked;
  expect(readCachedExperiment(client, 7)?.state).toBe("completed");
});
