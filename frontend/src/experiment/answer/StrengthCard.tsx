import { countNoun } from "../../text/numbers";
import { ChartCard } from "../charts/ChartCard";
import charts from "../charts/charts.module.css";
import { GAP } from "../metrics";
import type { FigureMeta } from "../types";
import { StrengthChart } from "./strengthChart";
import { type StrengthCardProps, useStrengthChart } from "./useStrengthChart";

/** The final metric over the strength. */
export function StrengthCard({ column, ...props }: StrengthCardProps) {
  const { host, isDrawn } = useStrengthChart(StrengthChart, props);
  const { figure, height } = props.options;
  const { meta } = figure.layout;
  return (
    <ChartCard
      {...{ meta, column, host, isDrawn, height }}
      hostAttribute={{ "data-strength": true }}
      empty={meta.shown === 0 ? "No run has a value" : undefined}
      captionClass={charts.caption}
    >
      <span>{listNotes(meta, props.options.scale?.symbol ?? "λ").join("; ")}</span>
    </ChartCard>
  );
}

/** Notes on what the chart shows besides, and what it leaves out. */
function listNotes(meta: FigureMeta, symbol: string): string[] {
  const { errors = false, training = false, tested = false, rejected = 0, outside = 0, total, shown } = meta;
  const missing = total - shown;
  return [
    ...(meta.metric === GAP ? [`${symbol} min by validation loss`] : []),
    ...(training ? ["grey dots: training, the gap shaded"] : []),
    ...(tested ? [`◆ test at ${symbol} min`] : []),
    ...(errors ? ["bars: one standard error"] : []),
    ...(rejected > 0 ? ["hollow: stopped by halving"] : []),
    ...(outside > 0 ? [`${countNoun(outside, "dot")} outside`] : []),
    ...(missing > 0 ? [`${missing} ${missing === 1 ? "run has" : "runs have"} no final value`] : []),
  ];
}
