import { type RefObject, useEffect, useRef } from "react";
import { classes } from "./classes";
import type { StrengthAxisChart, StrengthOptions } from "./strengthAxis";
import type { Tooltip } from "./tooltip";
import type { View } from "./view";

type Make = new (
  host: HTMLElement,
  options: StrengthOptions,
  view: View,
  tooltip: Tooltip,
  overlayClass: string,
) => StrengthAxisChart;

/** A chart over the strength, from when its host element is there until it goes. */
export function useStrengthChart(
  Chart: Make,
  options: StrengthOptions,
  view: View,
  tooltip: Tooltip,
): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<StrengthAxisChart | null>(null);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (host.current === null) return;
    const made = new Chart(host.current, latest.current, view, tooltip, classes.overlay ?? "");
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [Chart, view, tooltip]);
  useEffect(() => chart.current?.update(options), [options]);
  return host;
}
