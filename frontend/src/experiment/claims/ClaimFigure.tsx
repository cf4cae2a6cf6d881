import { type StrengthCardProps, useStrengthChart } from "../answer/useStrengthChart";
import { ChartSkeleton } from "../charts/ChartSkeleton";
import charts from "../charts/charts.module.css";
import shared from "../shared.module.css";
import { ClaimChart } from "./claimChart";
import classes from "./claims.module.css";

/** A claim's number over the strength: a dot per run, and their means. */
export function ClaimFigure({ column, ...props }: StrengthCardProps) {
  const { host, isDrawn } = useStrengthChart(ClaimChart, props);
  const { figure, height } = props.options;
  const { meta } = figure.layout;
  const censored = meta.claim?.censored ?? 0;
  return (
    <figure
      className={classes.figure}
      aria-busy={!isDrawn}
      aria-label={column === null ? meta.title : `${meta.title}, ${column}`}
    >
      <div className={charts.plot} style={{ height }}>
        <div ref={host} data-strength style={{ height }} aria-hidden="true" />
        {!isDrawn && <ChartSkeleton />}
        {isDrawn && meta.shown === 0 && <p className={charts.empty}>No run has this number</p>}
      </div>
      <figcaption className={charts.caption}>
        <span className={shared.forReaders}>{meta.sentence}</span>
        {censored > 0 && <span>△ not reached by epoch {meta.claim?.epoch}</span>}
      </figcaption>
    </figure>
  );
}
