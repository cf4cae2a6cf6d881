import { type ComponentType, useMemo } from "react";
import { CardGrid } from "../charts/CardGrid";
import type { ChartProps } from "../charts/chartProps";
import type { LiveFigureSet } from "../live/figureSet";
import { useRevision } from "../live/useFigures";
import type { StrengthCardProps } from "./useStrengthChart";

interface Props extends ChartProps {
  figureSet: LiveFigureSet;
  metrics: readonly string[];
  Card: ComponentType<StrengthCardProps>;
  /** Into how many columns the page is cut where there is one regularizer. */
  fewestColumns: number;
}

/** Charts over the strength: a row per metric, a column per regularizer. */
export function StrengthGrid({ figureSet, metrics, Card, fewestColumns, ...chartProps }: Props) {
  const { theme, interaction, tooltip, height } = chartProps;
  const revision = useRevision(figureSet);
  const { columns } = figureSet;
  const several = columns.length > 1;
  const cards = useMemo(
    () =>
      metrics.flatMap((metric) =>
        columns.flatMap(({ regularizer, label, scale, figures }) => {
          const figure = figures[metric];
          if (figure === undefined) return [];
          const options = { figure, revision, regularizer, scale, theme, height };
          return [{ key: `${metric} ${regularizer}`, label, options }];
        }),
      ),
    [metrics, columns, revision, theme, height],
  );
  if (cards.length === 0) return <div style={{ minHeight: height }} />;
  return (
    <CardGrid columns={several ? columns.length : fewestColumns}>
      {cards.map(({ key, label, options }) => (
        <Card key={key} column={several ? label : null} {...{ options, interaction, tooltip }} />
      ))}
    </CardGrid>
  );
}
