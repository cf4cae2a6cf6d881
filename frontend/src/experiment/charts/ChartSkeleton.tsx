import { type ReactNode, useSyncExternalStore } from "react";
import { describeError } from "../../api/client";
import shared from "../shared.module.css";
import { CardGrid } from "./CardGrid";
import classes from "./charts.module.css";
import { getPlotlyStatus, loadPlotly, subscribePlotly } from "./rendering/plotly";

/** Shown in a chart's frame until it is drawn, or when plotly.js could not be loaded. */
export function ChartSkeleton() {
  const status = useSyncExternalStore(subscribePlotly, getPlotlyStatus);
  if (status !== "failed") return <p className={classes.empty}>Loading the chart</p>;
  const retry = () => void loadPlotly().catch(() => undefined);
  return (
    <p className={classes.empty}>
      <span>
        The program that draws charts could not be loaded.{" "}
        <button type="button" className={shared.textButton} onClick={retry}>
          Try again
        </button>
      </span>
    </p>
  );
}

interface Props {
  /** What is loading: `The curves`. */
  what: string;
  error: Error | null;
  onRetry: () => void;
  height: number;
  /** The titles of the charts to come. */
  titles?: string[];
}

/** Placeholders of charts while their figures load, or the error. */
export function FiguresSkeleton({ what, error, onRetry, height, titles = [what] }: Props) {
  if (error !== null) return <LoadFailure {...{ what, error, onRetry }} />;
  return (
    <CardGrid columns={Math.min(titles.length, 2)}>
      {titles.map((title) => (
        <figure key={title} className={classes.chart} aria-label={title} aria-busy="true">
          <div className={classes.chartHead}>
            <h3>{title}</h3>
          </div>
          <div className={classes.plot} style={{ height: height + 22 }}>
            <p className={classes.empty}>Loading</p>
          </div>
        </figure>
      ))}
    </CardGrid>
  );
}

interface FailureProps {
  what: string;
  error: Error;
  onRetry: () => void;
  /** Further actions beside trying again. */
  children?: ReactNode;
}

/** An error of loading, with a button to try again. */
export function LoadFailure({ what, error, onRetry, children }: FailureProps) {
  return (
    <div className={shared.notice} data-tone="bad" role="alert">
      <strong>{what} could not be read</strong>
      <p>{describeError(error)}</p>
      <p>
        <button type="button" className={shared.textButton} onClick={onRetry}>
          Try again
        </button>{" "}
        {children}
      </p>
    </div>
  );
}
