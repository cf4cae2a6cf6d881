import { useMemo } from "react";
import type { View } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import type { ChartTheme } from "../charts/rendering/chartTheme";
import { classes } from "../classes";
import type { FigureGroup } from "../live/figureSet";
import { useRevision } from "../live/useFigures";
import { StrengthCard } from "./StrengthCard";

interface Props {
  group: FigureGroup;
  theme: ChartTheme;
  view: View;
  tooltip: Tooltip;
  height: number;
}

/** The charts over the strength: a row per metric, a column per regularizer. */
export function Strengths({ group, theme, view, tooltip, height }: Props) {
  const revision = useRevision(group);
  const several = group.columns.length > 1;
  const cards = useMemo(
    () =>
      group.metrics.flatMap((metric) =>
        group.columns.flatMap(({ regularizer, label, figures }) => {
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
    [group, revision, theme, height],
  );
  return (
    <div
      className={classes.grid}
      style={{ "--columns": several ? group.columns.length : 2 } as React.CSSProperties}
    >
      {cards.map(({ key, label, options }) => (
        <StrengthCard
          key={key}
          options={options}
          column={several ? label : null}
          view={view}
          tooltip={tooltip}
        />
      ))}
    </div>
  );
}
