import { useMemo } from "react";
import type { Task } from "../../text/scores";
import type { LiveFigureSet } from "../live/figureSet";
import type { FigureQuery } from "../live/queries";
import { BATCH_LOSS, listCurves } from "../metrics";
import type { ExperimentSearch } from "../search";
import shared from "../shared.module.css";
import type { CellKey } from "../types";
import { CardGrid } from "./CardGrid";
import { ChartGrid, type ChartSlot } from "./ChartGrid";
import { FiguresSkeleton, LoadFailure } from "./ChartSkeleton";
import { ColourBar } from "./ColourBar";
import type { CurveProps } from "./chartProps";
import colourBar from "./colourBar.module.css";
import type { ChartInteraction } from "./interaction/chartInteraction";
import { useDetailedFigures } from "./interaction/useDetailedFigures";

interface Props extends CurveProps {
  id: number;
  query: FigureQuery;
  curves: ReturnType<typeof useDetailedFigures>;
  search: ExperimentSearch;
  task: Task;
  /** Show the experiment's first regularizer. */
  onReset: () => void;
  onPin: (cell: CellKey | null) => void;
}

/** Loss and score over the epochs, with their colour scales. */
export function CurvesSection({ id, query, curves, search, task, onReset, onPin, ...chartProps }: Props) {
  const { interaction, height } = chartProps;
  const isBatch = search.loss === "batch";
  const batches = useDetailedFigures(id, "batches", query, interaction, isBatch);
  const slots = useSlots(curves, isBatch ? batches : null, task);
  const { figureSet, error } = curves;
  if (error && figureSet === null)
    return (
      <LoadFailure what="The curves" error={error} onRetry={() => void curves.refetch()}>
        <button type="button" className={shared.textButton} onClick={onReset}>
          Show the first regularizer
        </button>
      </LoadFailure>
    );
  return (
    <section aria-labelledby="curves-title" aria-busy={figureSet === null}>
      <h2 id="curves-title" className={shared.forReaders}>
        Curves
      </h2>
      <ColourBars {...{ figureSet, search, interaction, onPin }} />
      {slots.length > 0 ? (
        <ChartGrid slots={slots} {...chartProps} />
      ) : (
        <FiguresSkeleton
          what="The curves"
          titles={listCurves(task).map(({ title }) => title)}
          error={null}
          onRetry={ignore}
          height={height}
        />
      )}
    </section>
  );
}

function ignore(): void {
  // The failure is shown elsewhere, with its own button.
}

function useSlots(
  curves: ReturnType<typeof useDetailedFigures>,
  batches: ReturnType<typeof useDetailedFigures> | null,
  task: Task,
): ChartSlot[] {
  const { figureSet, axis } = curves;
  const batchSet = batches?.figureSet ?? null;
  const batchAxis = batches?.axis ?? "epoch";
  return useMemo(() => {
    if (figureSet === null) return [];
    return listCurves(task).map(({ metric }) =>
      metric === "train_loss" && batchSet !== null
        ? { metric: BATCH_LOSS, figureSet: batchSet, axis: batchAxis }
        : { metric, figureSet, axis },
    );
  }, [figureSet, axis, batchSet, batchAxis, task]);
}

interface ColourBarsProps {
  figureSet: LiveFigureSet | null;
  search: ExperimentSearch;
  interaction: ChartInteraction;
  onPin: Props["onPin"];
}

function ColourBars({ figureSet, search, interaction, onPin }: ColourBarsProps) {
  if (figureSet === null) return <div className={colourBar.colourBarSkeleton} />;
  const { columns } = figureSet;
  const several = columns.length > 1;
  const bars = columns.map(
    ({ scale, regularizer, label }) =>
      scale && (
        <ColourBar
          key={regularizer}
          scale={scale}
          label={label}
          hasTitle={several}
          pinned={search.of === regularizer ? (search.strength ?? null) : null}
          onPin={(strength) => onPin(strength === null ? null : { regularizer, strength })}
          interaction={interaction}
        />
      ),
  );
  return several ? <CardGrid columns={columns.length}>{bars}</CardGrid> : <div>{bars}</div>;
}
