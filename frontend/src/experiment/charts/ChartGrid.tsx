import { useMemo } from "react";
import { classes } from "../classes";
import type { FigureGroup } from "../live/figureSet";
import type { View } from "./interaction/chartInteraction";
import type { Tooltip } from "./interaction/tooltip";
import { LineCard } from "./LineCard";
import type { ChartOptions } from "./lineChart";
import type { ChartTheme } from "./rendering/chartTheme";

/** One chart's place in the grid: which metric, out of which answer. */
export interface Slot {
  metric: string;
  group: FigureGroup;
  axis: "epoch" | "seconds";
}

interface Props {
  slots: Slot[];
  logX: boolean;
  logs: { loss: boolean; score: boolean };
  theme: ChartTheme;
  view: View;
  tooltip: Tooltip;
  height: number;
}

/** A row per metric and a column per regularizer; with one regularizer, the metrics two by two. */
export function ChartRows({ slots, ...rest }: Props) {
  const columns = slots[0]?.group.columns.length ?? 1;
  return (
    <div className={classes.grid} style={{ "--columns": columns > 1 ? columns : 2 } as React.CSSProperties}>
      {slots.flatMap((slot) =>
        slot.group.columns.map((column, index) => (
          <Cell
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
  slot: Slot;
  index: number;
  column: string | null;
  regularizer: string;
};

function Cell({ slot, index, column, regularizer, logX, logs, theme, view, tooltip, height }: CellProps) {
  const { group, metric, axis } = slot;
  const figure = group.columns[index]?.figures[metric];
  const logY = metric.endsWith("loss") || metric.startsWith("weight") ? logs.loss : logs.score;
  const options = useMemo<ChartOptions | null>(
    () => (figure === undefined ? null : { group, figure, axis, logX, logY, theme, height }),
    [group, figure, axis, logX, logY, theme, height],
  );
  if (options === null) return null;
  return <LineCard {...{ options, view, tooltip, column, regularizer }} />;
}
