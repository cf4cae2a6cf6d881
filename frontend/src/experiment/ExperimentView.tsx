import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { ApiError, describeError } from "../api/client";
import { isActive, readExperiment } from "../api/queries";
import { NotFound } from "../shell/NotFound";
import { Charts } from "./Charts";
import { classes } from "./classes";
import { Feed } from "./feed";
import { Head } from "./Head";
import { useFeedVersion, useLiveRuns } from "./hooks";
import { Findings, Notices, StoppedNotice } from "./Notice";
import { loadPlotly } from "./plotly";
import { readExperimentEarly, readRuns } from "./queries";
import { RunsSection } from "./RunsSection";
import type { ExperimentSearch } from "./search";
import { Tooltip } from "./tooltip";
import type { CellKey, Experiment } from "./types";
import { View } from "./view";

/** One experiment: head, charts and runs, kept up to date by one stream. */
export function ExperimentView({ id }: { id: number }) {
  const search = useSearch({ from: "/experiments/$id" });
  const navigate = useNavigate({ from: "/experiments/$id" });
  const feed = useFeed(id);
  const { view, tooltip } = useView(search);
  const { data, error } = useQuery({
    ...readExperiment(id),
    queryFn: () => readExperimentEarly(id),
    // Figures that are whole open no stream; an answer from just before the end is then asked for again.
    refetchInterval: ({ state }) =>
      feed.connection === "idle" && state.data && isActive(state.data.state) ? 1500 : false,
  });
  const experiment = useLiveExperiment(data, feed);
  const plotlyError = usePlotlyError();
  const live = useLiveRuns(feed);
  const stored = useQuery({ ...readRuns(id), enabled: data !== undefined && feed.connection !== "open" });
  const runs = useMemo(() => live ?? stored.data ?? [], [live, stored.data]);

  const change = useCallback(
    (part: Partial<ExperimentSearch>) =>
      void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const pin = useCallback(
    (cell: CellKey | null) =>
      change(
        cell === null
          ? { strength: undefined, of: undefined }
          : { strength: cell.strength, of: cell.regularizer },
      ),
    [change],
  );
  useEffect(() => {
    if (experiment) document.title = `${experiment.name || `Experiment ${id}`} · Ridgeline`;
  }, [experiment, id]);

  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <div className={classes.page}>
      {experiment ? (
        <Head experiment={experiment} connection={feed.connection} />
      ) : (
        <Placeholder error={error} />
      )}
      {experiment && <Notices experiment={experiment} />}
      {experiment && <Findings findings={experiment.findings} />}
      {experiment && <StoppedNotice stops={experiment.stops} />}
      {plotlyError && (
        <p className={classes.problem} role="alert">
          The charts cannot be drawn: {plotlyError}
        </p>
      )}
      <Charts
        id={id}
        experiment={experiment}
        search={search}
        feed={feed}
        view={view}
        tooltip={tooltip}
        onChange={change}
        onPin={pin}
      />
      {experiment && (
        <RunsSection
          runs={runs}
          task={experiment.task}
          sort={search.sort}
          onSort={(sort) => change({ sort })}
          onPin={pin}
          view={view}
        />
      )}
    </div>
  );
}

function Placeholder({ error }: { error: Error | null }) {
  return (
    <header className={classes.head} style={{ minHeight: 148 }}>
      {error ? (
        <p className={classes.problem} role="alert">
          {describeError(error)}
        </p>
      ) : (
        <h1 className={classes.title}>
          <span className={classes.ghost}>Reading the experiment</span>
        </h1>
      )}
    </header>
  );
}

/** The page's one stream. When the sweep has ended, everything is read once more, complete. */
function useFeed(id: number): Feed {
  const queryClient = useQueryClient();
  const feed = useMemo(
    () =>
      new Feed(id, () => {
        for (const key of ["experiments", "figures", "runs"])
          void queryClient.invalidateQueries({ queryKey: [key, id] });
      }),
    [id, queryClient],
  );
  useEffect(() => () => feed.close(), [feed]);
  useFeedVersion(feed);
  return feed;
}

function useView(search: ExperimentSearch) {
  const [view] = useState(() => new View());
  const [tooltip] = useState(() => new Tooltip(classes.tooltip ?? ""));
  useEffect(() => {
    const forget = [view.mount(), tooltip.mount()];
    return () => {
      for (const undo of forget) undo();
    };
  }, [view, tooltip]);
  const { strength, of } = search;
  useEffect(() => {
    view.setLift("pinned", strength === undefined || of === undefined ? null : { strength, regularizer: of });
  }, [view, strength, of]);
  return { view, tooltip };
}

function useLiveExperiment(stored: Experiment | undefined, feed: Feed): Experiment | undefined {
  const { state } = feed;
  return useMemo(() => {
    if (stored === undefined || state === null) return stored;
    // Once the stream has ended what is stored is asked for anew; an answer from before the end does not count.
    if (feed.connection === "ended" && !isActive(stored.state)) return stored;
    const { jobs, progress, best, stops, outcome, findings } = state;
    const isCancelling = stored.cancel_requested || jobs.some((job) => job.cancel_requested);
    const told = { jobs, progress, best, stops, outcome, findings };
    return { ...stored, ...told, state: state.state, cancel_requested: isCancelling };
  }, [stored, state, feed.connection]);
}

function usePlotlyError(): string | null {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    loadPlotly().catch((error: unknown) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, []);
  return problem;
}
