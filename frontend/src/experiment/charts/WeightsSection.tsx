import { useMemo, useRef } from "react";
import type { FigureQuery } from "../live/queries";
import shared from "../shared.module.css";
import { ChartGrid } from "./ChartGrid";
import { FiguresSkeleton } from "./ChartSkeleton";
import type { CurveProps } from "./chartProps";
import { useDetailedFigures } from "./interaction/useDetailedFigures";
import { useDeferredMount } from "./rendering/useDeferredMount";

/** The share of weights that are exactly zero and the norm of the weights, over the epochs. */
export function WeightsSection({
  id,
  query,
  ...chartProps
}: CurveProps & { id: number; query: FigureQuery }) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const { figureSet, axis, error, refetch } = useDetailedFigures(
    id,
    "weights",
    query,
    chartProps.interaction,
    isBuilt,
  );
  const slots = useMemo(
    () => (figureSet === null ? [] : figureSet.metrics.map((metric) => ({ metric, figureSet, axis }))),
    [figureSet, axis],
  );
  return (
    <section ref={section} className={shared.section} aria-labelledby="weights-title">
      <h2 id="weights-title">Weights</h2>
      {slots.length > 0 ? (
        <ChartGrid slots={slots} {...chartProps} />
      ) : (
        <FiguresSkeleton
          what="The charts of the weights"
          titles={["Weights that are exactly zero", "Norm of the weights ‖w‖₂"]}
          height={chartProps.height}
          error={figureSet === null ? error : null}
          onRetry={() => void refetch()}
        />
      )}
    </section>
  );
}
