import { countNoun } from "../../text/format";
import { ChartSkeleton } from "../charts/ChartSkeleton";
import charts from "../charts/charts.module.css";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import shared from "../shared.module.css";
import type { FigureMeta } from "../types";
import type { StrengthChartOptions } from "./strengthAxisChart";
import { StrengthChart } from "./strengthChart";
import { useStrengthChart } from "./useStrengthChart";

interface Props {
  options: StrengthChartOptions;
  column: string | null;
  interaction: ChartInteraction;
  tooltip: Tooltip;
}

/** The final metric over the strength, with its title and its sentence. */
export function StrengthCard({ options, column, interaction, tooltip }: Props) {
  const { host, isDrawn } = useStrengthChart(StrengthChart, options, interaction, tooltip);
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
      </div>
      <div className={charts.plot} style={{ height: options.height }}>
        <div ref={host} data-strength style={{ height: options.height }} aria-hidden="true" />
        {!isDrawn && <ChartSkeleton />}
        {isDrawn && meta.shown === 0 && <p className={charts.empty}>No run has a value</p>}
      </div>
      <figcaption className={charts.caption}>
        <span className={shared.forReaders}>{meta.sentence}</span>
        <span>{listNotes(meta).join("; ")}</span>
      </figcaption>
    </figure>
  );
}

/** What the chart does not show, it says. */
function listNotes({ rejected = 0, outside = 0, total, shown }: FigureMeta): string[] {
  const missing = total - shown;
  return [
    ...(rejected > 0 ? ["hollow: stopped by halving"] : []),
    ...(outside > 0 ? [`${countNoun(outside, "dot")} outside`] : []),
    ...(missing > 0 ? [`${missing} ${missing === 1 ? "run has" : "runs have"} no final value`] : []),
  ];
}
