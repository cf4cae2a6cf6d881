import { useMemo } from "react";
import type { LiveFigureSet } from "../live/figureSet";
import classes from "./charts.module.css";
import type { ChartInteraction } from "./interaction/chartInteraction";
import type { Tooltip } from "./interaction/tooltip";
import { LineCard } from "./LineCard";
import type { LineChartOptions } from "./lineChart";
import type { ChartTheme } from "./rendering/chartTheme";

/** One chart's place in the grid: which metric, out of which answer. */
export interface ChartSlot {
  metric: string;
  figureSet: LiveFigureSet;
  axis: "epoch" | "seconds";
}

interface Props {
  slots: ChartSlot[];
  logX: boolean;
  logs: { loss: boolean; score: boolean };
  theme: ChartTheme;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  height: number;
}

/** A row per metric and a column per regularizer; with one regularizer, the metrics two by two. */
export function ChartGrid({ slots, ...rest }: Props) {
  const columns = slots[0]?.figureSet.columns.length ?? 1;
  return (
    <div className={classes.grid} style={{ "--columns": columns > 1 ? columns : 2 } as React.CSSProperties}>
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
    </div>
  );
}

type CellProps = Omit<Props, "slots"> & {
  slot: ChartSlot;
  index: number;
  column: string | null;
  regularizer: string;
};

function ChartCell({
  slot,
  index,
  column,
  regularizer,
  logX,
  logs,
  theme,
  interaction,
  tooltip,
  height,
}: CellProps) {
  const { figureSet, metric, axis } = slot;
  const figure = figureSet.columns[index]?.figures[metric];
  const logY = metric.endsWith("loss") || metric.startsWith("weight") ? logs.loss : logs.score;
  const options = useMemo<LineChartOptions | null>(
    () => (figure === undefined ? null : { figureSet, figure, axis, logX, logY, theme, height }),
    [figureSet, figure, axis, logX, logY, theme, height],
  );
  if (options === null) return null;
  return <LineCard {...{ options, interaction, tooltip, column, regularizer }} />;
}
