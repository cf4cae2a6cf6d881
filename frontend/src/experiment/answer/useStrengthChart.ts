import { useCallback } from "react";
import type { ChartProps } from "../charts/chartProps";
import type { ChartContext } from "../charts/plotlyChart";
import { useChart } from "../charts/useChart";
import type { StrengthAxisChart, StrengthChartOptions } from "./strengthAxisChart";

/** Props of a card over the strength. */
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

/** Creates a chart over the strength in its host element, and destroys it with the component. */
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
