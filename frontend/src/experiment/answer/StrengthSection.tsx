import { useMemo, useRef } from "react";
import { FiguresSkeleton } from "../charts/ChartSkeleton";
import { useDeferredMount } from "../charts/hooks";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { FigureQuery } from "../live/queries";
import { useFigures } from "../live/useFigures";
import shared from "../shared.module.css";
import { StrengthGrid } from "./StrengthGrid";

interface Props {
  id: number;
  query: FigureQuery;
  theme: ChartTheme;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  height: number;
}

/** The newest validation score and loss over the strength. */
export function StrengthSection({ id, query, theme, interaction, tooltip, height }: Props) {
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
          theme={theme}
          interaction={interaction}
          tooltip={tooltip}
          height={height}
        />
      ) : (
        <FiguresSkeleton
          what="The charts over the strength"
          titles={["Validation score over the strength", "Validation loss over the strength"]}
          onRetry={() => void refetch()}
          {...{ error, height }}
        />
      )}
    </section>
  );
}
