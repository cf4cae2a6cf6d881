import type { ChartInteraction } from "./interaction/chartInteraction";
import type { Tooltip } from "./interaction/tooltip";
import type { ChartTheme } from "./rendering/chartTheme";

/** What every chart of the page is given. */
export interface ChartProps {
  theme: ChartTheme;
  interaction: ChartInteraction;
  tooltip: Tooltip;
  height: number;
}

/** What every chart of curves is given: which of its axes are logarithmic, too. */
export interface CurveProps extends ChartProps {
  logX: boolean;
  logs: { loss: boolean; score: boolean };
}
