import { useMemo, useRef } from "react";
import { FiguresWait } from "../charts/ChartSkeleton";
import { useBuilt } from "../charts/hooks";
import type { View } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import { classes } from "../classes";
import type { FigureQuery } from "../live/queries";
import { useFigures } from "../live/useFigures";
import { Strengths } from "./StrengthGrid";

interface Props {
  id: number;
  query: FigureQuery;
  theme: ChartTheme;
  view: View;
  tooltip: Tooltip;
  height: number;
}

/** The newest validation score and loss over the strength. */
export function StrengthSection({ id, query, theme, view, tooltip, height }: Props) {
  const section = useRef<HTMLElement>(null);
  const isBuilt = useBuilt(section);
  const { regularizer } = query;
  const own = useMemo<FigureQuery>(() => (regularizer ? { regularizer } : {}), [regularizer]);
  const { group, error, refetch } = useFigures(id, "strength", own, isBuilt);
  return (
    <section ref={section} className={classes.section} aria-labelledby="strength-title">
      <h2 id="strength-title">Over the strength</h2>
      {group ? (
        <Strengths group={group} theme={theme} view={view} tooltip={tooltip} height={height} />
      ) : (
        <FiguresWait
          what="The charts over the strength"
          titles={["Validation score over the strength", "Validation loss over the strength"]}
          onRetry={() => void refetch()}
          {...{ error, height }}
        />
      )}
    </section>
  );
}
