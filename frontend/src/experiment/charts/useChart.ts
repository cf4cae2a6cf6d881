import { useEffect, useRef, useState } from "react";

/** A chart that is updated and destroyed by its component. */
interface MountedChart<Options> {
  update(options: Options): void;
  destroy(): void;
}

/**
 * Creates a chart in its host element, updates it with `options`, and destroys it. A new `create` makes a new chart.
 */
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
