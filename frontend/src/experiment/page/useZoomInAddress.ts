import { useEffect, useRef } from "react";
import type { ChartInteraction } from "../charts/interaction/chartInteraction";
import { type ExperimentSearch, readZoom, writeZoom } from "../search";

const ZOOM_PAUSE = 300;

/** Keeps the zoom and the search parameters in step. */
export function useZoomInAddress(
  interaction: ChartInteraction,
  search: ExperimentSearch,
  onChange: (part: Partial<ExperimentSearch>) => void,
): void {
  const written = useRef(JSON.stringify(writeZoom(readZoom(search))));
  useEffect(() => {
    let timer = 0;
    const write = () => {
      const zoom = writeZoom(interaction.getZoom());
      if (JSON.stringify(zoom) === written.current) return;
      written.current = JSON.stringify(zoom);
      onChange(zoom);
    };
    const forget = interaction.subscribe(() => {
      window.clearTimeout(timer);
      timer = window.setTimeout(write, ZOOM_PAUSE);
    });
    return () => {
      window.clearTimeout(timer);
      forget();
    };
  }, [interaction, onChange]);
  const { zoom, zoomY } = search;
  useEffect(() => {
    const asked = readZoom({ ...(zoom ? { zoom } : {}), ...(zoomY ? { zoomY } : {}) });
    const text = JSON.stringify(writeZoom(asked));
    if (text === written.current) return;
    written.current = text;
    interaction.setZoom(asked);
  }, [interaction, zoom, zoomY]);
}
