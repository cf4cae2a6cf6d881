import { useCallback } from "react";
import type { ChartProps } from "../charts/chartProps";
import type { ChartContext } from "../charts/rendering/plotlyChart";
import { useChart } from "../charts/useChart";
import type { StrengthAxisChart, StrengthChartOptions } from "./strengthAxisChart";

/** What a card of a chart over the strength is given. */
export type StrengthCardProps = Pick<ChartProps, "interaction" | "tooltip"> & {
  options: StrengthChartOptions;
  /** The regularizer's name, where several columns stand side by side. */
  column: string | null;
};

type ChartClass = new (
  host: HTMLElement,
  options: StrengthChartOptions,
  context: ChartContext,
) => StrengthAxisChart;

/** A chart over the strength, from when its host element is there until it goes. */
export function useStrengthChart(
  Chart: ChartClass,
  { options, interaction, tooltip }: Omit<StrengthCardProps, "column">,
) {
  const create = useCallback(
    (host: HTMLElement, first: StrengthChartOptions, onDraw: () => void): StrengthAxisChart =>
      new Chart(host, first, { interaction, tooltip, onDraw }),
    [Chart, interaction, tooltip],
  );
  return useChart(create, options);
}
