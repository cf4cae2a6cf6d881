import { useEffect, useRef, useState } from "react";

/** What a component holds of a chart that draws itself. */
interface MountedChart<Options> {
  update(options: Options): void;
  destroy(): void;
}

/** A chart from when its host element is there until it goes; another `create` makes another chart. */
export function useChart<Options, Chart extends MountedChart<Options>>(
  create: (host: HTMLElement, options: Options, onDraw: () => void) => Chart,
  options: Options,
) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const [isDrawn, setIsDrawn] = useState(false);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    if (host.current === null) return;
    const created = create(host.current, latest.current, () => setIsDrawn(true));
    chart.current = created;
    return () => {
      created.destroy();
      chart.current = null;
    };
  }, [create]);
  useEffect(() => chart.current?.update(options), [options]);
  return { host, chart, isDrawn };
}
