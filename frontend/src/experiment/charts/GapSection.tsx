import { useMemo, useRef } from "react";
import { StrengthCard } from "../answer/StrengthCard";
import { StrengthGrid } from "../answer/StrengthGrid";
import type { FigureQuery } from "../live/queries";
import { useFigures } from "../live/useFigures";
import { GAP } from "../metrics";
import shared from "../shared.module.css";
import { CardGrid } from "./CardGrid";
import { ChartGrid } from "./ChartGrid";
import { FiguresSkeleton } from "./ChartSkeleton";
import type { CurveProps } from "./chartProps";
import { useDetailedFigures } from "./interaction/useDetailedFigures";
import { useDeferredMount } from "./rendering/useDeferredMount";

const METRICS = [GAP];

/** How much the validation loss exceeds the training loss, over the epochs and over the strength. */
export function GapSection({ id, query, ...chartProps }: CurveProps & { id: number; query: FigureQuery }) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const { regularizer } = query;
  const strengthQuery = useMemo<FigureQuery>(() => (regularizer ? { regularizer } : {}), [regularizer]);
  const curves = useDetailedFigures(id, "gap", query, chartProps.interaction, isBuilt);
  const strengths = useFigures(id, "strength", strengthQuery, isBuilt);
  const { figureSet, axis } = curves;
  const slots = useMemo(
    () => (figureSet === null ? [] : [{ metric: GAP, figureSet, axis }]),
    [figureSet, axis],
  );
  const { theme, interaction, tooltip, height } = chartProps;
  return (
    <section ref={section} className={shared.section} aria-labelledby="gap-title">
      <h2 id="gap-title">Generalization gap</h2>
      {figureSet !== null && strengths.figureSet !== null ? (
        <CardGrid columns={figureSet.columns.length > 1 ? 1 : 2}>
          <ChartGrid slots={slots} fewestColumns={1} {...chartProps} />
          <StrengthGrid
            figureSet={strengths.figureSet}
            metrics={METRICS}
            Card={StrengthCard}
            fewestColumns={1}
            {...{ theme, interaction, tooltip, height }}
          />
        </CardGrid>
      ) : (
        <FiguresSkeleton
          what="The charts of the gap"
          titles={["Generalization gap", "Generalization gap over the strength"]}
          height={height}
          error={curves.error ?? strengths.error}
          onRetry={() => {
            void curves.refetch();
            void strengths.refetch();
          }}
        />
      )}
    </section>
  );
}
