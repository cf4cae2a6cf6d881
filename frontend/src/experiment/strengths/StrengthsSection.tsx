import { useRef } from "react";
import { LoadFailure } from "../charts/ChartSkeleton";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import { useDeferredMount } from "../charts/rendering/useDeferredMount";
import shared from "../shared.module.css";
import type { CellKey, Experiment, RunView } from "../types";
import { StrengthsTable } from "./StrengthsTable";
import { useStrengths } from "./useStrengths";

interface Props {
  experiment: Experiment;
  runs: readonly RunView[];
  metric: "score" | "loss";
  onPin: (cell: CellKey) => void;
  interaction: ChartInteraction;
}

/** What the runs of each strength come to, side by side. */
export function StrengthsSection({ experiment, metric, ...rest }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const { data, error, refetch } = useStrengths(experiment, metric, isBuilt);
  return (
    <section ref={section} className={shared.section} aria-labelledby="strengths-title">
      <div className={shared.sectionHead}>
        <h2 id="strengths-title">Strengths</h2>
        <span className={shared.count}>
          on validation; ± is the 95 % interval of the mean over seeds, per strength, not adjusted
        </span>
      </div>
      {data !== undefined ? (
        <StrengthsTable table={data} task={experiment.task} {...rest} />
      ) : error ? (
        <LoadFailure what="The table of strengths" error={error} onRetry={() => void refetch()} />
      ) : (
        <p className={shared.waits} aria-busy="true">
          Loading the table
        </p>
      )}
    </section>
  );
}
