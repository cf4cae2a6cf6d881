import { useEffect, useState, useSyncExternalStore } from "react";
import type { Range } from "../../types";
import type { ChartInteraction } from "./chartInteraction";

const ZOOM_PAUSE = 250;

/** The zoom, debounced. */
export function useSettledZoom(interaction: ChartInteraction): Range | null {
  const zoom = useSyncExternalStore(interaction.subscribe, () => interaction.zoomX);
  const [settled, setSettled] = useState<Range | null>(zoom);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(zoom), zoom === null ? 0 : ZOOM_PAUSE);
    return () => window.clearTimeout(timer);
  }, [zoom]);
  return settled;
}
