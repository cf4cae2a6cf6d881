import { useEffect, useRef, useState } from "react";
import { formatCount } from "../format";
import { ChartWaits } from "./ChartWaits";
import { type ChartOptions, LineChart } from "./chart";
import { classes } from "./classes";
import type { Tooltip } from "./tooltip";
import { nameKey, type View } from "./view";

interface Props {
  options: ChartOptions;
  view: View;
  tooltip: Tooltip;
  /** The regularizer's name, where several columns stand side by side. */
  column: string | null;
  regularizer: string;
}

/** One chart with its title, the value under the cross-hair, and what it says to those who do not see it. */
export function LineCard({ options, view, tooltip, column, regularizer }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const reading = useRef<HTMLSpanElement>(null);
  const chart = useRef<LineChart | null>(null);
  const latest = useRef(options);
  latest.current = options;
  const [isZoomed, setIsZoomed] = useState(false);
  // Whether the chart drawn has nothing in it; null as long as none is drawn.
  const [isEmpty, setIsEmpty] = useState<boolean | null>(null);

  useEffect(() => {
    if (host.current === null) return;
    const made = new LineChart(host.current, latest.current, {
      view,
      tooltip,
      reading: reading.current,
      overlayClass: classes.overlay ?? "",
      onZoom: setIsZoomed,
      onDraw: setIsEmpty,
    });
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [view, tooltip]);

  const { group, figure, axis, logX, logY, theme, height } = options;
  useEffect(() => {
    chart.current?.update({ group, figure, axis, logX, logY, theme, height });
    return group.subscribe(() => chart.current?.invalidate());
  }, [group, figure, axis, logX, logY, theme, height]);

  const { meta } = figure.layout;
  return (
    <figure
      className={classes.chart}
      aria-busy={isEmpty === null}
      aria-label={column === null ? meta.title : `${meta.title}, ${column}`}
    >
      <div className={classes.chartHead}>
        <h3>
          {meta.title}
          {column !== null && <span className={classes.columnName}> · {column}</span>}
        </h3>
        <span ref={reading} className={classes.reading} />
        {isZoomed && (
          <button type="button" className={classes.textButton} onClick={() => chart.current?.showAll()}>
            Show all
          </button>
        )}
      </div>
      <div className={classes.plot} style={{ height }}>
        <div ref={host} data-lines={nameKey(regularizer)} style={{ height }} aria-hidden="true" />
        {isEmpty === null && <ChartWaits />}
        {isEmpty && (
          <p className={classes.empty}>
            {group.set.ended ? "No epoch was finished" : "No epoch is finished yet"}
          </p>
        )}
      </div>
      <figcaption className={classes.caption}>
        <span className={classes.forReaders}>{meta.sentence}</span>
        <Notes shown={meta.shown} total={meta.total} outside={meta.outside ?? 0} />
      </figcaption>
    </figure>
  );
}

/** What a chart does not show, it says. */
function Notes({ shown, total, outside }: { shown: number; total: number; outside: number }) {
  const notes = [
    ...(shown < total ? [`showing ${formatCount(shown)} of ${formatCount(total)} points`] : []),
    ...(outside > 0
      ? [`${formatCount(outside)} ${outside === 1 ? "run leaves" : "runs leave"} this range`]
      : []),
  ];
  return notes.length > 0 ? <span>{notes.join("; ")}</span> : null;
}
