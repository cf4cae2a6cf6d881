import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { ApiError, describeError } from "../../api/client";
import { readExperiment } from "../../api/queries";
import { useConnection } from "../../live/liveClient";
import { NotFound } from "../../shell/NotFound";
import { AnswerSection } from "../answer/AnswerSection";
import { ChartInteraction } from "../charts/interaction/chartInteraction";
import { Tooltip } from "../charts/interaction/tooltip";
import { readExperimentEarly, readRuns } from "../live/queries";
import { useLiveExperiment } from "../live/useLiveExperiment";
import { RunsSection } from "../runs/RunsSection";
import { type ExperimentSearch, readZoom } from "../search";
import { SemanticsSection } from "../semantics/SemanticsSection";
import shared from "../shared.module.css";
import { StrengthsSection } from "../strengths/StrengthsSection";
import type { CellKey } from "../types";
import { ExperimentCharts } from "./ExperimentCharts";
import { Findings, StoppedNotice } from "./Findings";
import { ExperimentHeader } from "./header/ExperimentHeader";
import classes from "./page.module.css";
import { StatusNotices } from "./StatusNotices";
import { useZoomInAddress } from "./useZoomInAddress";

/** One experiment: header, charts and runs, updated by the live stream. */
export function ExperimentView({ id }: { id: number }) {
  const search = useSearch({ from: "/experiments/$id" });
  const navigate = useNavigate({ from: "/experiments/$id" });
  const isGone = useLiveExperiment(id);
  const connection = useConnection();
  const { interaction, tooltip } = useChartInteraction(search);
  const { data: experiment, error } = useQuery({
    ...readExperiment(id),
    queryFn: () => readExperimentEarly(id),
  });
  // Fallback while the live stream is interrupted.
  const stored = useQuery({ ...readRuns(id), enabled: connection.state === "lost" });

  const change = useCallback(
    (part: Partial<ExperimentSearch>) =>
      void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  useZoomInAddress(interaction, search, change);
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

  if (isGone) return <NotFound title="This experiment was deleted" reason="Somebody deleted it meanwhile." />;
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  return (
    <div className={classes.page}>
      {experiment ? <ExperimentHeader experiment={experiment} /> : <HeaderSkeleton error={error} />}
      {experiment && <StatusNotices experiment={experiment} />}
      {experiment && <Findings findings={experiment.findings} />}
      {experiment && <StoppedNotice stops={experiment.stops} />}
      {experiment && (
        <AnswerSection
          experiment={experiment}
          metric={search.answer ?? "score"}
          onMetric={(metric) => change({ answer: metric === "loss" ? metric : undefined })}
        />
      )}
      <ExperimentCharts
        id={id}
        experiment={experiment}
        search={search}
        interaction={interaction}
        tooltip={tooltip}
        onChange={change}
        onPin={pin}
      />
      {experiment && experiment.regularizers.length > 1 && (
        <StrengthsSection
          experiment={experiment}
          runs={stored.data ?? []}
          metric={search.answer ?? "score"}
          onPin={pin}
          interaction={interaction}
        />
      )}
      {experiment && <SemanticsSection experiment={experiment} />}
      {experiment && (
        <RunsSection
          runs={stored.data ?? []}
          error={stored.error}
          onRetry={() => void stored.refetch()}
          task={experiment.task}
          sort={search.sort}
          onSort={(sort) => change({ sort })}
          onPin={pin}
          interaction={interaction}
        />
      )}
    </div>
  );
}

function HeaderSkeleton({ error }: { error: Error | null }) {
  return (
    <header className={classes.head} style={{ minHeight: 148 }}>
      {error ? (
        <p className={shared.problem} role="alert">
          {describeError(error)}
        </p>
      ) : (
        <h1 className={classes.title}>
          <span className={classes.skeleton}>Reading the experiment</span>
        </h1>
      )}
    </header>
  );
}

function useChartInteraction(search: ExperimentSearch) {
  const [interaction] = useState(() => new ChartInteraction(readZoom(search)));
  const [tooltip] = useState(() => new Tooltip());
  useEffect(() => {
    const forget = [interaction.mount(), tooltip.mount()];
    return () => {
      for (const undo of forget) undo();
    };
  }, [interaction, tooltip]);
  const { strength, of } = search;
  useEffect(() => {
    interaction.setHighlight(
      "pinned",
      strength === undefined || of === undefined ? null : { strength, regularizer: of },
    );
  }, [interaction, strength, of]);
  return { interaction, tooltip };
}
