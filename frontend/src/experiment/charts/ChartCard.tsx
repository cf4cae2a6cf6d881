import type { ReactNode, RefObject } from "react";
import shared from "../shared.module.css";
import type { FigureMeta } from "../types";
import { ChartSkeleton } from "./ChartSkeleton";
import classes from "./charts.module.css";

interface Props {
  meta: FigureMeta;
  /** The regularizer's name, where several columns stand side by side. */
  column: string | null;
  /** The element that the chart draws into, and the attribute that style sheets find it by. */
  host: RefObject<HTMLDivElement | null>;
  hostAttribute: Record<`data-${string}`, string | true>;
  isDrawn: boolean;
  height: number;
  /** What stands beside the title. */
  aside?: ReactNode;
  /** Why nothing is drawn, where nothing is. */
  empty: string | undefined;
  captionClass: string | undefined;
  /** What the chart does not show, below it. */
  children: ReactNode;
}

/** A chart's frame: its title, its plot or why there is none, and its sentence for those who do not see it. */
export function ChartCard({ meta, column, host, hostAttribute, isDrawn, height, ...rest }: Props) {
  const { aside, empty, captionClass, children } = rest;
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
        {aside}
      </div>
      <div className={classes.plot} style={{ height }}>
        <div ref={host} {...hostAttribute} style={{ height }} aria-hidden="true" />
        {!isDrawn && <ChartSkeleton />}
        {isDrawn && empty && <p className={classes.empty}>{empty}</p>}
      </div>
      <figcaption className={captionClass}>
        <span className={shared.forReaders}>{meta.sentence}</span>
        {children}
      </figcaption>
    </figure>
  );
}
