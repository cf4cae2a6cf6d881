import { type RefObject, useEffect, useRef, useState } from "react";
import classes from "../charts/charts.module.css";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import type { Tooltip } from "../charts/interaction/tooltip";
import type { StrengthAxisChart, StrengthChartOptions } from "./strengthAxisChart";

type Make = new (
  host: HTMLElement,
  options: StrengthChartOptions,
  interaction: ChartInteraction,
  tooltip: Tooltip,
  overlayClass: string,
  onDraw: () => void,
) => StrengthAxisChart;

/** A chart over the strength, from when its host element is there until it goes. */
export function useStrengthChart(
  Chart: Make,
  options: StrengthChartOptions,
  interaction: ChartInteraction,
  tooltip: Tooltip,
): { host: RefObject<HTMLDivElement | null>; isDrawn: boolean } {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<StrengthAxisChart | null>(null);
  const [isDrawn, setIsDrawn] = useState(false);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (host.current === null) return;
    const made = new Chart(host.current, latest.current, interaction, tooltip, classes.overlay ?? "", () =>
      setIsDrawn(true),
    );
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [Chart, interaction, tooltip]);
  useEffect(() => chart.current?.update(options), [options]);
  return { host, isDrawn };
}
