import { Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { describeError } from "../../api/client";
import { readCatalogue, readDemonstration, readExperiment } from "../../api/queries";
import { LinkButton } from "../../shell/LinkButton";
import { Notice } from "../../shell/Notice";
import { findDraft } from "../drafts/savedDrafts";
import classes from "../form/form.module.css";
import { fromSpec, makeEmptySpec } from "../form/fromSpec";
import { ExperimentForm } from "./ExperimentForm";
import type { FormSearch } from "./search";
import { TemplatePicker } from "./TemplatePicker";

const route = getRouteApi("/new");

export function FormPage() {
  const { from } = route.useSearch();
  const catalogue = useQuery(readCatalogue());
  const template = useTemplate(from);
  const { data: choices } = catalogue;
  const kind = String(from ?? "demonstration");
  const found = useMemo(() => (choices ? findDraft(kind, choices) : null), [kind, choices]);
  const filled = useMemo(() => {
    if (choices === undefined) return undefined;
    const spec = from === "empty" ? makeEmptySpec(choices) : template.spec;
    return spec && fromSpec(spec, choices);
  }, [choices, from, template.spec]);
  useEffect(preloadExperimentPage, []);
  // A draft remains usable after its template was deleted.
  const values = filled ?? (template.error ? (found?.draft ?? undefined) : undefined);
  const error = catalogue.error ?? (values === undefined ? template.error : null);
  return (
    <div>
      <title>New experiment · Ridgeline</title>
      <div className={classes.head}>
        <Title order={1} size={26}>
          New experiment
        </Title>
        <TemplatePicker from={from} />
      </div>
      {error && (
        <Notice title="The form could not be filled">
          <Stack align="flex-start" gap="sm">
            {describeError(error)}
            <LinkButton to="/new" search={{ from: "empty" }} size="xs" variant="default">
              Start from nothing
            </LinkButton>
          </Stack>
        </Notice>
      )}
      {!error && (values === undefined || choices === undefined) && <Loading />}
      {values && choices && !error && (
        <ExperimentForm key={kind} kind={kind} template={values} found={found} catalogue={choices} />
      )}
    </div>
  );
}

/** Preloads the experiment's page when the form is idle. */
function preloadExperimentPage(): () => void {
  const timer = window.setTimeout(() => {
    void import("../../experiment/page/ExperimentPage");
    void import("../../experiment/charts/rendering/plotly").then(({ loadPlotly }) =>
      // A chart loads it again and shows the failure.
      loadPlotly().catch(() => undefined),
    );
  }, 600);
  return () => window.clearTimeout(timer);
}

/** The spec of the template: an earlier experiment's, or the demonstration's. */
function useTemplate(from: FormSearch["from"]) {
  const isCopy = typeof from === "number";
  const demonstration = useQuery({ ...readDemonstration(), enabled: from === undefined });
  const experiment = useQuery({ ...readExperiment(isCopy ? from : 0), enabled: isCopy, staleTime: Infinity });
  if (isCopy) return { spec: experiment.data?.spec, error: experiment.error };
  return {
    spec: demonstration.data,
    name: undefined,
    error: from === undefined ? demonstration.error : null,
  };
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
