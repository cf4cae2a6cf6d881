import type { FigureQuery } from "../../live/queries";
import { useFigures } from "../../live/useFigures";
import type { FigureName } from "../../types";
import type { ChartInteraction } from "./chartInteraction";
import { useSettledZoom } from "./useSettledZoom";

/** A figure set; where points were left out, a zoom loads the set of its range. */
export function useDetailedFigures(
  id: number,
  figure: FigureName,
  query: FigureQuery,
  interaction: ChartInteraction,
  enabled = true,
) {
  const whole = useFigures(id, figure, query, enabled);
  const zoom = useSettledZoom(interaction);
  const info = whole.figureSet?.info;
  const isWanted = enabled && zoom !== null && info !== undefined && info.shown < info.total;
  const window = isWanted ? { start: zoom[0], stop: zoom[1] } : {};
  const detail = useFigures(id, figure, { ...query, ...window }, isWanted);
  const isReady = isWanted && detail.figureSet !== null && !detail.isPlaceholderData;
  return isReady ? { ...whole, figureSet: detail.figureSet } : whole;
}
