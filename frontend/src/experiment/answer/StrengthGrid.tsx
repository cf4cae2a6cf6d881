import { useMemo } from "react";
import classes from "../charts/charts.module.css";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import type { LiveFigureSet } from "../live/figureSet";
import { useRevision } from "../live/useFigures";
import { StrengthCard } from "./StrengthCard";

interface Props {
  figureSet: LiveFigureSet;
  theme: ChartTheme;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  height: number;
}

/** The charts over the strength: a row per metric, a column per regularizer. */
export function StrengthGrid({ figureSet, theme, interaction, tooltip, height }: Props) {
  const revision = useRevision(figureSet);
  const several = figureSet.columns.length > 1;
  const cards = useMemo(
    () =>
      figureSet.metrics.flatMap((metric) =>
        figureSet.columns.flatMap(({ regularizer, label, figures }) => {
          const figure = figures[metric];
          return figure === undefined
            ? []
            : [
                {
                  key: `${metric} ${regularizer}`,
                  label,
                  options: { figure, revision, regularizer, theme, height },
                },
              ];
        }),
      ),
    [figureSet, revision, theme, height],
  );
  return (
    <div
      className={classes.grid}
      style={{ "--columns": several ? figureSet.columns.length : 2 } as React.CSSProperties}
    >
      {cards.map(({ key, label, options }) => (
        <StrengthCard
          key={key}
          options={options}
          column={several ? label : null}
          interaction={interaction}
          tooltip={tooltip}
        />
      ))}
    </div>
  );
}
