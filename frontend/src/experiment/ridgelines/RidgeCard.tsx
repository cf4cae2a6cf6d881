import { useCallback } from "react";
import { countNoun } from "../../text/numbers";
import { ChartCard } from "../charts/ChartCard";
import type { ChartProps } from "../charts/chartProps";
import { toClassName } from "../charts/interaction/chartInteraction";
import { useChart } from "../charts/useChart";
import type { FigureMeta } from "../types";
import { RidgeChart, type RidgeChartOptions } from "./ridgeChart";
import classes from "./ridgelines.module.css";

type Props = Pick<ChartProps, "interaction" | "tooltip"> & {
  options: RidgeChartOptions;
  /** The regularizer's name, if there are several columns. */
  column: string | null;
};

/** The ridges of one regularizer, and how they are drawn. */
export function RidgeCard({ options, interaction, tooltip, column }: Props) {
  const create = useCallback(
    (host: HTMLElement, first: RidgeChartOptions, onDraw: () => void) =>
      new RidgeChart(host, first, { interaction, tooltip, onDraw }),
    [interaction, tooltip],
  );
  const { host, isDrawn } = useChart(create, options);
  const { figure, height } = options;
  const { meta } = figure.layout;
  return (
    <ChartCard
      {...{ meta, column, host, isDrawn, height }}
      hostAttribute={{ "data-ridges": toClassName(options.regularizer) }}
      aside={meta.anyZeros && <span className={classes.zeros}>exactly 0</span>}
      empty={meta.empty}
      captionClass={classes.caption}
    >
      {listNotes(meta).join("; ")}
    </ChartCard>
  );
}

/** How to read the ridges, and what they leave out. */
function listNotes(meta: FigureMeta): string[] {
  const { anyZeros = false, estimated = false, earlier = 0, total, shown, empty } = meta;
  if (empty) return [];
  const missing = total - shown;
  return [
    "each ridge is as high as its fullest bin",
    anyZeros ? "exact zeros are left out, their share stands beside it" : "no weight is exactly 0",
    ...(anyZeros && estimated ? ["≈: zeros are counted for all layers together"] : []),
    ...(earlier > 0 ? [`of ${countNoun(earlier, "run")} the newest histogram is of an earlier epoch`] : []),
    ...(missing > 0 ? [`${countNoun(missing, "run")} not shown: diverged, or nothing recorded yet`] : []),
  ];
}
