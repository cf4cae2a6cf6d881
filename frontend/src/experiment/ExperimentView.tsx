import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { ApiError, describeError } from "../api/client";
import { readExperiment } from "../api/queries";
import { useConnection } from "../live/client";
import { NotFound } from "../shell/NotFound";
import { Charts } from "./Charts";
import { classes } from "./classes";
import { Head } from "./Head";
import { Notices, StoppedNotice } from "./Notice";
import { loadPlotly } from "./plotly";
import { readExperimentEarly, readRuns } from "./queries";
import { RunsSection } from "./RunsSection";
import type { ExperimentSearch } from "./search";
import { Tooltip } from "./tooltip";
import type { CellKey } from "./types";
import { useLive } from "./useLive";
import { View } from "./view";

/** One experiment: head, charts and runs, kept up to date by one stream. */
export function ExperimentView({ id }: { id: number }) {
  const search = useSearch({ from: "/experiments/$id" });
  const navigate = useNavigate({ from: "/experiments/$id" });
  useLive(id);
  const connection = useConnection();
  const { view, tooltip } = useView(search);
  const { data: experiment, error } = useQuery({
    ...readExperiment(id),
    queryFn: () => readExperimentEarly(id),
  });
  const plotlyError = usePlotlyError();
  // The live stream brings them; where it does not come they are asked for.
  const { data: runs = [] } = useQuery({ ...readRuns(id), enabled: connection.state === "lost" });

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
      {experiment ? <Head experiment={experiment} /> : <Placeholder error={error} />}
      {experiment && <Notices experiment={experiment} />}
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

function usePlotlyError(): string | null {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    loadPlotly().catch((error: unknown) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, []);
  return problem;
}
