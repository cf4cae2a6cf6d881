import type { ChartInteraction } from "./interaction/chartInteraction";
import type { Tooltip } from "./interaction/tooltip";
import type { ChartTheme } from "./rendering/chartTheme";

/** Props of all charts. */
export interface ChartProps {
  theme: ChartTheme;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  height: number;
}

/** Props of the charts over epochs, with their logarithmic axes. */
export interface CurveProps extends ChartProps {
  logX: boolean;
  logs: { loss: boolean; score: boolean };
}
