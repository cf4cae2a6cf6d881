import { useMemo } from "react";
import type { LiveFigureSet } from "../live/figureSet";
import { chooseAxis } from "../metrics";
import { CardGrid } from "./CardGrid";
import type { CurveProps } from "./chartProps";
import { LineCard } from "./LineCard";
import { nameChart } from "./lightUp";
import type { LineChartOptions } from "./lineChart";

/** A row of the grid: a metric of a figure set. */
export interface ChartSlot {
  metric: string;
  figureSet: LiveFigureSet;
  axis: "epoch" | "seconds";
}

interface Props extends CurveProps {
  slots: ChartSlot[];
  /** Into how many columns the page is cut where there is one regularizer. */
  fewestColumns?: number;
}

/** A row per metric and a column per regularizer; with one regularizer, two metrics per row. */
export function ChartGrid({ slots, fewestColumns = 2, ...rest }: Props) {
  const columns = slots[0]?.figureSet.columns.length ?? 1;
  return (
    <CardGrid columns={columns > 1 ? columns : fewestColumns}>
      {slots.flatMap((slot) =>
        slot.figureSet.columns.map((column, index) => (
          <ChartCell
            key={`${slot.metric} ${column.regularizer}`}
            slot={slot}
            index={index}
            column={columns > 1 ? column.label : null}
            regularizer={column.regularizer}
            {...rest}
          />
        )),
      )}
    </CardGrid>
  );
}

type CellProps = Omit<Props, "slots" | "fewestColumns"> & {
  slot: ChartSlot;
  index: number;
  column: string | null;
  regularizer: string;
};

function ChartCell({ slot, index, column, regularizer, logX, logs, ...chartProps }: CellProps) {
  const { theme, interaction, tooltip, height } = chartProps;
  const { figureSet, metric, axis } = slot;
  const figure = figureSet.columns[index]?.figures[metric];
  const switched = chooseAxis(metric);
  const logY = switched !== null && logs[switched];
  const options = useMemo<LineChartOptions | null>(
    () => (figure === undefined ? null : { figureSet, figure, axis, logX, logY, theme, height }),
    [figureSet, figure, axis, logX, logY, theme, height],
  );
  if (options === null) return null;
  const id = index === 0 ? nameChart(metric) : undefined;
  return <LineCard {...{ options, interaction, tooltip, column, regularizer, id }} />;
}
