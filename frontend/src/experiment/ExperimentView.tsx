import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, describeError } from "../api/client";
import { isActive, readExperiment } from "../api/queries";
import { NotFound } from "../shell/NotFound";
import { Charts } from "./Charts";
import { classes } from "./classes";
import { Feed } from "./feed";
import { Head } from "./Head";
import { useFeedVersion, useLiveRuns } from "./hooks";
import { Notices, StoppedNotice } from "./Notice";
import { readExperimentEarly, readRuns } from "./queries";
import { RunsSection } from "./RunsSection";
import { type ExperimentSearch, readZoom, writeZoom } from "./search";
import { Tooltip } from "./tooltip";
import type { CellKey, Experiment } from "./types";
import { View } from "./view";

const ZOOM_PAUSE = 300;

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
  const live = useLiveRuns(feed);
  const stored = useQuery({ ...readRuns(id), enabled: data !== undefined && feed.connection !== "open" });
  const runs = useMemo(() => live ?? stored.data ?? [], [live, stored.data]);

  const change = useCallback(
    (part: Partial<ExperimentSearch>) =>
      void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  useZoomInAddress(view, search, change);
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
      {experiment && <StoppedNotice stops={experiment.stops} />}
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
          error={stored.error}
          onRetry={() => void stored.refetch()}
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
  const [view] = useState(() => new View(readZoom(search)));
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

/** The zoom goes to the address once it is still, and an address that is followed is zoomed to. */
function useZoomInAddress(
  view: View,
  search: ExperimentSearch,
  onChange: (part: Partial<ExperimentSearch>) => void,
): void {
  const written = useRef(JSON.stringify(writeZoom(readZoom(search))));
  useEffect(() => {
    let timer = 0;
    const write = () => {
      const zoom = writeZoom(view.getZoom());
      if (JSON.stringify(zoom) === written.current) return;
      written.current = JSON.stringify(zoom);
      onChange(zoom);
    };
    const forget = view.subscribe(() => {
      window.clearTimeout(timer);
      timer = window.setTimeout(write, ZOOM_PAUSE);
    });
    return () => {
      window.clearTimeout(timer);
      forget();
    };
  }, [view, onChange]);
  const { zoom, zoomY } = search;
  useEffect(() => {
    const asked = readZoom({ ...(zoom ? { zoom } : {}), ...(zoomY ? { zoomY } : {}) });
    const text = JSON.stringify(writeZoom(asked));
    if (text === written.current) return;
    written.current = text;
    view.setZoom(asked);
  }, [view, zoom, zoomY]);
}

function useLiveExperiment(stored: Experiment | undefined, feed: Feed): Experiment | undefined {
  const { state } = feed;
  return useMemo(() => {
    if (stored === undefined || state === null) return stored;
    // Once the stream has ended what is stored is asked for anew; an answer from before the end does not count.
    if (feed.connection === "ended" && !isActive(stored.state)) return stored;
    const { jobs, progress, best, stops } = state;
    const isCancelling = stored.cancel_requested || jobs.some((job) => job.cancel_requested);
    return { ...stored, state: state.state, jobs, progress, best, stops, cancel_requested: isCancelling };
  }, [stored, state, feed.connection]);
}
