import type { ReactNode, RefObject } from "react";
import shared from "../shared.module.css";
import type { FigureMeta } from "../types";
import { ChartSkeleton } from "./ChartSkeleton";
import classes from "./charts.module.css";

interface Props {
  meta: FigureMeta;
  /** What links lead to. */
  id?: string | undefined;
  /** The regularizer's name, if there are several columns. */
  column: string | null;
  /** The element that the chart draws into, and its attribute for style sheets. */
  host: RefObject<HTMLDivElement | null>;
  hostAttribute: Record<`data-${string}`, string | true>;
  isDrawn: boolean;
  height: number;
  /** Content beside the title. */
  aside?: ReactNode;
  /** Why the chart is empty, if it is. */
  empty: string | undefined;
  captionClass: string | undefined;
  /** Notes below the chart. */
  children: ReactNode;
}

/** The frame of a chart: title, plot or placeholder, and its text alternative. */
export function ChartCard({ meta, id, column, host, hostAttribute, isDrawn, height, ...rest }: Props) {
  const { aside, empty, captionClass, children } = rest;
  return (
    <figure
      id={id}
      tabIndex={id === undefined ? undefined : -1}
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
