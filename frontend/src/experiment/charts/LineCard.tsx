import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { formatCount } from "../../text/format";
import shared from "../shared.module.css";
import type { FigureMeta } from "../types";
import { ChartSkeleton } from "./ChartSkeleton";
import classes from "./charts.module.css";
import { type ChartInteraction, toClassName } from "./interaction/chartInteraction";
import type { Tooltip } from "./interaction/tooltip";
import { LineChart, type LineChartOptions } from "./lineChart";

interface Props {
  options: LineChartOptions;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  /** The regularizer's name, where several columns stand side by side. */
  column: string | null;
  regularizer: string;
}

/** One chart with its title, the value under the cross-hair, and what it says to those who do not see it. */
export function LineCard({ options, interaction, tooltip, column, regularizer }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLSpanElement>(null);
  const chart = useRef<LineChart | null>(null);
  const latest = useRef(options);
  latest.current = options;
  const [isZoomed, setIsZoomed] = useState(false);
  const [isDrawn, setIsDrawn] = useState(false);

  useEffect(() => {
    if (host.current === null) return;
    const made = new LineChart(host.current, latest.current, {
      interaction,
      tooltip,
      readout: readout.current,
      overlayClass: classes.overlay ?? "",
      onZoom: setIsZoomed,
      onDraw: () => setIsDrawn(true),
    });
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [interaction, tooltip]);

  const { figureSet, figure, axis, logX, logY, theme, height } = options;
  useEffect(() => {
    chart.current?.update({ figureSet, figure, axis, logX, logY, theme, height });
    return figureSet.subscribe(() => chart.current?.invalidate());
  }, [figureSet, figure, axis, logX, logY, theme, height]);

  // What the chart says of itself changes with its data.
  const meta = useSyncExternalStore(figureSet.subscribe, () => figure.layout.meta);
  return (
    <figure
      className={classes.chart}
      aria-busy={!isDrawn}
      aria-label={column === null ? meta.title : `${meta.title}, ${column}`}
    >
      <div className={classes.chartHead}>
        <h3>
          {meta.title}
          {column !== null && <span className={classes.columnName}> · {column}</span>}
        </h3>
        <span ref={readout} className={classes.readout} />
        {isZoomed && (
          <button type="button" className={shared.textButton} onClick={() => chart.current?.showAll()}>
            Show all
          </button>
        )}
      </div>
      <div className={classes.plot} style={{ height }}>
        <div ref={host} data-lines={toClassName(regularizer)} style={{ height }} aria-hidden="true" />
        {!isDrawn && <ChartSkeleton />}
        {isDrawn && meta.empty && <p className={classes.empty}>{meta.empty}</p>}
      </div>
      <figcaption className={classes.caption}>
        <span className={shared.forReaders}>{meta.sentence}</span>
        <Notes shown={meta.shown} total={meta.total} leaving={countLeaving(meta, logY)} />
      </figcaption>
    </figure>
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

/** What a chart does not show, it says. */
function Notes({ shown, total, leaving }: { shown: number; total: number; leaving: Leaving }) {
  const { above, foot } = leaving;
  const notes = [
    ...(shown < total ? [`showing ${formatCount(shown)} of ${formatCount(total)} points`] : []),
    ...(above > 0 ? [`${formatCount(above)} ${above === 1 ? "run leaves" : "runs leave"} this range`] : []),
    ...(foot > 0 ? [`▽ ${formatCount(foot)} ${foot === 1 ? "run" : "runs"} at 0, or below the axis`] : []),
  ];
  return notes.length > 0 ? <span>{notes.join("; ")}</span> : null;
}
