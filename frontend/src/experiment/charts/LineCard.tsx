import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { formatCount } from "../../text/numbers";
import shared from "../shared.module.css";
import type { FigureMeta } from "../types";
import { ChartCard } from "./ChartCard";
import type { ChartProps } from "./chartProps";
import classes from "./charts.module.css";
import { toClassName } from "./interaction/chartInteraction";
import { LineChart, type LineChartOptions } from "./lineChart";
import { useChart } from "./useChart";

type Props = Pick<ChartProps, "interaction" | "tooltip"> & {
  options: LineChartOptions;
  /** The regularizer's name, if there are several columns. */
  column: string | null;
  regularizer: string;
  /** The element's id, where sentences link to the chart. */
  id?: string;
};

/** A chart of lines with the value at the cross-hair. */
export function LineCard({ options, interaction, tooltip, column, regularizer, id }: Props) {
  const readout = useRef<HTMLSpanElement>(null);
  const [isZoomed, setIsZoomed] = useState(false);
  const create = useCallback(
    (host: HTMLElement, first: LineChartOptions, onDraw: () => void) =>
      new LineChart(host, first, {
        interaction,
        tooltip,
        readout: readout.current,
        onZoom: setIsZoomed,
        onDraw,
      }),
    [interaction, tooltip],
  );
  const { host, chart, isDrawn } = useChart(create, options);
  const { figureSet, figure, logY, height } = options;
  useEffect(() => figureSet.subscribe(() => chart.current?.invalidate()), [figureSet, chart]);
  // Title, sentence and notes change with the data.
  const meta = useSyncExternalStore(figureSet.subscribe, () => figure.layout.meta);
  const notes = listNotes(meta, countLeaving(meta, logY));
  return (
    <ChartCard
      {...{ id, meta, column, host, isDrawn, height }}
      hostAttribute={{ "data-lines": toClassName(regularizer) }}
      aside={
        <>
          <span ref={readout} className={classes.readout} />
          {isZoomed && (
            <button type="button" className={shared.textButton} onClick={() => chart.current?.showAll()}>
              Show all
            </button>
          )}
        </>
      }
      empty={meta.empty}
      captionClass={classes.caption}
    >
      {notes.length > 0 && <span>{notes.join("; ")}</span>}
    </ChartCard>
  );
}

interface Leaving {
  above: number;
  foot: number;
}

function countLeaving({ leaving }: FigureMeta, logY: boolean): Leaving {
  if (leaving === undefined) return { above: 0, foot: 0 };
  return logY ? leaving.log : { above: leaving.linear, foot: 0 };
}

/** Notes on what the chart leaves out. */
function listNotes({ shown, total }: FigureMeta, { above, foot }: Leaving): string[] {
  return [
    ...(shown < total ? [`showing ${formatCount(shown)} of ${formatCount(total)} points`] : []),
    ...(above > 0 ? [`${formatCount(above)} ${above === 1 ? "run leaves" : "runs leave"} this range`] : []),
    ...(foot > 0 ? [`▽ ${formatCount(foot)} ${foot === 1 ? "run" : "runs"} at 0, or below the axis`] : []),
  ];
}
