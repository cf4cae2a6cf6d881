import { countNoun, getSymbol } from "../../text/format";
import { ChartSkeleton } from "../charts/ChartSkeleton";
import charts from "../charts/charts.module.css";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import shared from "../shared.module.css";
import type { FigureMeta } from "../types";
import classes from "./path.module.css";
import { PathChart } from "./pathChart";
import type { StrengthChartOptions } from "./strengthAxisChart";
import { useStrengthChart } from "./useStrengthChart";

interface Props {
  options: StrengthChartOptions;
  column: string | null;
  interaction: ChartInteraction;
  tooltip: Tooltip;
}

/** One regularization path with its title, its sentence, and how many coefficients are 0 at which strength. */
export function PathCard({ options, column, interaction, tooltip }: Props) {
  const { host, isDrawn } = useStrengthChart(PathChart, options, interaction, tooltip);
  const { meta } = options.figure.layout;
  return (
    <figure
      className={charts.chart}
      aria-busy={!isDrawn}
      aria-label={column === null ? meta.title : `${meta.title}, ${column}`}
    >
      <div className={charts.chartHead}>
        <h3>
          {meta.title}
          {column !== null && <span className={charts.columnName}> · {column}</span>}
        </h3>
        <span className={classes.signs} aria-hidden="true">
          <i data-sign="plus" /> positive <i data-sign="minus" /> negative
          {(meta.strong ?? 0) > 0 && (
            <>
              {" "}
              <i data-sign="none" /> all but the {meta.strong} largest
            </>
          )}
        </span>
      </div>
      <div className={charts.plot} style={{ height: options.height }}>
        <div ref={host} data-path style={{ height: options.height }} aria-hidden="true" />
        {!isDrawn && <ChartSkeleton />}
        {isDrawn && meta.shown === 0 && <p className={charts.empty}>No coefficient is known</p>}
      </div>
      <figcaption className={classes.zeros}>
        <span className={shared.forReaders}>{meta.sentence}</span>
        {describeZeros(meta, options.regularizer)}
        {(meta.outside ?? 0) > 0 && ` ${countNoun(meta.outside ?? 0, "coefficient")} outside: not finite.`}
      </figcaption>
    </figure>
  );
}

/** `Exactly 0 of 10: 0 at λ = 10⁻³, 3 at 10⁻², 8 at 0.1`. */
function describeZeros(meta: FigureMeta, regularizer: string): string {
  const [first, ...rest] = meta.zeros ?? [];
  if (first === undefined) return "";
  if ([first, ...rest].every(({ zeros }) => zeros === 0)) return "No coefficient is exactly 0.";
  const symbol = getSymbol(regularizer);
  const counts = [`${first.zeros} at ${symbol} = ${first.label}`];
  return `Exactly 0 of ${first.total}: ${[...counts, ...rest.map(({ label, zeros }) => `${zeros} at ${label}`)].join(", ")}`;
}
