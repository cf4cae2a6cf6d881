import { useRef } from "react";
import { countNoun } from "../../text/numbers";
import type { Task } from "../../text/scores";
import { LoadFailure } from "../charts/ChartSkeleton";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import { useDeferredMount } from "../charts/rendering/useDeferredMount";
import shared from "../shared.module.css";
import type { CellKey, RunView } from "../types";
import { RunsTable } from "./RunsTable";

interface Props {
  error: Error | null;
  onRetry: () => void;
  runs: RunView[];
  task: Task;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onPin: (cell: CellKey) => void;
  interaction: ChartInteraction;
}

/** The table of runs; it may be long, so it is rendered after the charts. */
export function RunsSection({ runs, error, onRetry, ...rest }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  return (
    <section ref={section} className={shared.section} aria-labelledby="runs-title">
      <h2 id="runs-title">
        Runs {runs.length > 0 && <span className={shared.count}>{countNoun(runs.length, "run")}</span>}
      </h2>
      {isBuilt && runs.length > 0 ? (
        <RunsTable runs={runs} {...rest} />
      ) : error && runs.length === 0 ? (
        <LoadFailure what="The runs" error={error} onRetry={onRetry} />
      ) : (
        <p className={shared.waits} aria-busy="true">
          Loading the runs
        </p>
      )}
    </section>
  );
}
