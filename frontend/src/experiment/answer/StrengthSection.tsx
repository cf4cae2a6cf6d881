import { useMemo, useRef } from "react";
import { FiguresSkeleton } from "../charts/ChartSkeleton";
import type { ChartProps } from "../charts/chartProps";
import { useDeferredMount } from "../charts/rendering/useDeferredMount";
import type { FigureQuery } from "../live/queries";
import { useFigures } from "../live/useFigures";
import { GAP } from "../metrics";
import shared from "../shared.module.css";
import { StrengthCard } from "./StrengthCard";
import { StrengthGrid } from "./StrengthGrid";

interface Props extends ChartProps {
  id: number;
  query: FigureQuery;
}

/** The newest validation score and loss over the strength. */
export function StrengthSection({ id, query, ...chartProps }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useDeferredMount(section);
  const { regularizer } = query;
  const own = useMemo<FigureQuery>(() => (regularizer ? { regularizer } : {}), [regularizer]);
  const { figureSet, error, refetch } = useFigures(id, "strength", own, isBuilt);
  return (
    <section ref={section} className={shared.section} aria-labelledby="strength-title">
      <h2 id="strength-title">Over the strength</h2>
      {figureSet ? (
        <StrengthGrid
          figureSet={figureSet}
          metrics={figureSet.metrics.filter((metric) => metric !== GAP)}
          Card={StrengthCard}
          fewestColumns={2}
          {...chartProps}
        />
      ) : (
        <FiguresSkeleton
          what="The charts over the strength"
          titles={["Validation score over the strength", "Validation loss over the strength"]}
          onRetry={() => void refetch()}
          error={error}
          height={chartProps.height}
        />
      )}
    </section>
  );
}
