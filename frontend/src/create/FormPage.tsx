import { Button, Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { describeError } from "../api/client";
import { readCatalogue, readDemonstration, readExperiment } from "../api/queries";
import { Notice } from "../shell/Notice";
import { makeEmptySpec, specToDraft } from "./draft";
import { ExperimentForm } from "./ExperimentForm";
import classes from "./form.module.css";
import type { FormSearch } from "./search";

const route = getRouteApi("/new");

export function FormPage() {
  const { from } = route.useSearch();
  const catalogue = useQuery(readCatalogue());
  const source = useSource(from);
  const { data: choices } = catalogue;
  const draft = useMemo(() => {
    if (choices === undefined) return undefined;
    const spec = from === "empty" ? makeEmptySpec(choices) : source.spec;
    return spec && specToDraft(spec, choices);
  }, [choices, from, source.spec]);
  useEffect(() => {
    // The page that comes next, while the reader still fills the form.
    void import("../experiment/ExperimentPage");
  }, []);
  const error = catalogue.error ?? source.error;
  return (
    <div>
      <title>New experiment · Ridgeline</title>
      <div className={classes.head}>
        <Title order={1} size={26}>
          New experiment
        </Title>
        <Sources from={from} name={source.name} />
      </div>
      {error && (
        <Notice title="The form could not be filled">
          <Stack align="flex-start" gap="sm">
            {describeError(error)}
            <Button
              renderRoot={(props) => <Link to="/new" search={{ from: "empty" }} {...props} />}
              size="xs"
              variant="default"
            >
              Start from nothing
            </Button>
          </Stack>
        </Notice>
      )}
      {!error && (draft === undefined || choices === undefined) && <Loading />}
      {draft && choices && !error && (
        <ExperimentForm key={String(from ?? "demonstration")} initial={draft} catalogue={choices} />
      )}
    </div>
  );
}

/** The spec that the form starts from: an earlier experiment's, or the demonstration's. */
function useSource(from: FormSearch["from"]) {
  const isCopy = typeof from === "number";
  const demonstration = useQuery({ ...readDemonstration(), enabled: from === undefined });
  const experiment = useQuery({ ...readExperiment(isCopy ? from : 0), enabled: isCopy, staleTime: Infinity });
  if (isCopy) return { spec: experiment.data?.spec, name: experiment.data?.name, error: experiment.error };
  return {
    spec: demonstration.data,
    name: undefined,
    error: from === undefined ? demonstration.error : null,
  };
}

function Sources({ from, name }: { from: FormSearch["from"]; name: string | undefined }) {
  return (
    <nav aria-label="Start from" className={classes.sources}>
      <span>Start from</span>
      <Link to="/new" search={{}} aria-current={from === undefined || undefined}>
        the demonstration
      </Link>
      <Link to="/new" search={{ from: "empty" }} aria-current={from === "empty" || undefined}>
        nothing
      </Link>
      {typeof from === "number" && (
        <Link to="/new" search={{ from }} aria-current>
          {name || `experiment ${from}`}
        </Link>
      )}
      <Link to="/">an earlier experiment…</Link>
    </nav>
  );
}

function Loading() {
  return (
    <div className={classes.layout} role="status" aria-label="Loading the form">
      <Stack className={classes.column}>
        {[320, 220, 160].map((height) => (
          <Skeleton key={height} height={height} radius="md" />
        ))}
      </Stack>
      <Skeleton height={120} radius="md" />
    </div>
  );
}
