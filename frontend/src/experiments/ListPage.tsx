import { Button, Pagination, Skeleton, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { getRouteApi, Navigate } from "@tanstack/react-router";
import { useMemo, useRef } from "react";
import { ApiError, describeError, type Schemas } from "../api/client";
import { type ListSearch, listExperiments, PAGE_SIZE, readCatalogue } from "../api/queries";
import { Notice } from "../shell/Notice";
import { formatCount } from "../text/numbers";
import { CompareBar } from "./CompareBar";
import { ChoiceContext, useChoice } from "./choice";
import { EmptyState } from "./EmptyState";
import { ExperimentsTable } from "./ExperimentsTable";
import { Filters } from "./Filters";
import classes from "./list.module.css";
import { useRowShortcuts } from "./useRowShortcuts";

const route = getRouteApi("/");

export function ListPage() {
  const search = route.useSearch();
  const searchField = useRef<HTMLInputElement>(null);
  useRowShortcuts(searchField);
  const choice = useChoice();
  const list = useQuery({ ...listExperiments(search), placeholderData: keepPreviousData });
  const { data, isPlaceholderData, refetch } = list;
  const error = useStandingError(list);
  const isFiltered = search.text !== undefined || search.state !== undefined || search.tag !== undefined;
  const isEmpty = data?.total === 0 && !isFiltered;
  return (
    <Stack gap="md">
      <title>Experiments · Ridgeline</title>
      <Title order={1} size={26}>
        Experiments
      </Title>
      {!isEmpty && <Filters searchField={searchField} />}
      {/* A lost connection is told at the page's head; what was loaded stays. */}
      {error && (data === undefined || error instanceof ApiError) && (
        <LoadError error={error} retry={() => void refetch()} />
      )}
      {data === undefined && !error && <Loading />}
      {isEmpty && <EmptyState />}
      {data !== undefined && !isEmpty && (
        <ChoiceContext value={choice}>
          <Results page={data} isStale={isPlaceholderData} />
        </ChoiceContext>
      )}
      <CompareBar choice={choice} />
    </Stack>
  );
}

/** The last error, also during a retry, when a query without data reports none. */
function useStandingError(query: UseQueryResult): Error | null {
  const { error, isPending, isPlaceholderData, errorUpdateCount } = query;
  const last = useRef(error);
  if (error !== null) last.current = error;
  return error ?? ((isPending || isPlaceholderData) && errorUpdateCount > 0 ? last.current : null);
}

function Results({ page, isStale }: { page: Schemas["Page"]; isStale: boolean }) {
  const navigate = route.useNavigate();
  const labels = useLabels();
  const pages = Math.ceil(page.total / PAGE_SIZE);
  if (page.total === 0) return <NothingFound />;
  // This page of the list is empty by now: go to the last one.
  if (page.items.length === 0 && !isStale)
    return <Navigate to="/" search={(old) => ({ ...old, page: pages > 1 ? pages : undefined })} replace />;
  const first = page.offset + 1;
  return (
    <>
      <ExperimentsTable items={page.items} labels={labels} isStale={isStale} />
      <div className={classes.paging}>
        <Text size="sm" c="dimmed" aria-live="polite">
          {formatCount(first)}–{formatCount(page.offset + page.items.length)} of {formatCount(page.total)}
        </Text>
        {pages > 1 && (
          <Pagination
            size="sm"
            total={pages}
            value={page.offset / PAGE_SIZE + 1}
            onChange={(number) =>
              void navigate({ search: (old) => ({ ...old, page: number > 1 ? number : undefined }) })
            }
            getControlProps={(control) => ({ "aria-label": `${control} page` })}
            getItemProps={(number) => ({ "aria-label": `Page ${number}` })}
          />
        )}
      </div>
    </>
  );
}

function NothingFound() {
  const navigate = route.useNavigate();
  return (
    <div className={`rl-surface ${classes.empty}`} role="status">
      <Text fw={600}>No experiment matches</Text>
      <Button
        variant="default"
        onClick={() => void navigate({ search: ({ chosen }: ListSearch) => ({ chosen }) })}
      >
        Show all experiments
      </Button>
    </div>
  );
}

function Loading() {
  return (
    <Stack gap={10} role="status" aria-label="Loading the experiments">
      {[0, 1, 2, 3].map((row) => (
        <Skeleton key={row} height={62} radius="md" />
      ))}
    </Stack>
  );
}

function LoadError({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <Notice title="The experiments could not be loaded">
      <Stack align="flex-start" gap="sm">
        {describeError(error)}
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      </Stack>
    </Notice>
  );
}

/** Labels of data sets and networks by name; empty until the catalogue is loaded. */
function useLabels(): Record<string, string> {
  const { data } = useQuery(readCatalogue());
  return useMemo(() => {
    const entries = data ? [...data.datasets, ...data.networks] : [];
    return Object.fromEntries(entries.map((entry) => [entry.name, entry.label]));
  }, [data]);
}
