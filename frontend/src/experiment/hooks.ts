import { useComputedColorScheme } from "@mantine/core";
import { type RefObject, useEffect, useLayoutEffect, useState, useSyncExternalStore } from "react";
import { loadPlotly } from "./plotly";
import { getIsPrinting, subscribePrint } from "./print";
import { whenDrawn } from "./queue";
import { type ChartTheme, readTheme } from "./theme";
import type { Range } from "./types";
import type { View } from "./view";

const NARROW = "(max-width: 700px)";
const ZOOM_PAUSE = 250;
// Large charts take their time, and figures may be slow to come; whatever stands below them does not wait longer.
const LONGEST_WAIT = 4000;
const FIRST_TURN = 300;
const LAST_TURN = 2000;

/** The charts' colours; a new object when the reader changes between light and dark. */
export function useChartTheme(): ChartTheme {
  const scheme = useComputedColorScheme("light");
  const [theme, setTheme] = useState<{ scheme: string; theme: ChartTheme }>(() => ({
    scheme,
    theme: readTheme(),
  }));
  useEffect(() => {
    if (theme.scheme === scheme) return;
    // After the frame in which the page itself has changed.
    const frame = requestAnimationFrame(() => setTheme({ scheme, theme: readTheme() }));
    return () => cancelAnimationFrame(frame);
  }, [scheme, theme.scheme]);
  return theme.theme;
}

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = window.matchMedia(NARROW);
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => window.matchMedia(NARROW).matches,
  );
}

/** Whether a part of the page is on or near the screen just now. */
export function useOnScreen(element: RefObject<HTMLElement | null>): boolean {
  const [isOnScreen, setIsOnScreen] = useState(false);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => setIsOnScreen(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: "300px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return isOnScreen;
}

/** Whether a part of the page is to be built; once it is, it stays so. The four charts have the first turn; then comes
 * what is near the screen, and soon all the rest: for the Tab key, the page's search, and paper, which all reach further. */
export function useBuilt(element: RefObject<HTMLElement | null>): boolean {
  const isOnScreen = useOnScreen(element);
  const isPrinting = useIsPrinting();
  const [turn, setTurn] = useState<"none" | "near" | "all">("none");
  const [isBuilt, setIsBuilt] = useState(false);
  useEffect(() => {
    if (isBuilt) return;
    const timers: number[] = [];
    const wait = () =>
      timers.push(
        window.setTimeout(() => setTurn("near"), FIRST_TURN),
        window.setTimeout(() => setTurn("all"), LAST_TURN),
      );
    const press = ({ key }: KeyboardEvent) => {
      if (key === "Tab") setIsBuilt(true);
    };
    let isGone = false;
    void loadPlotly()
      .then(() => whenDrawn(LONGEST_WAIT), ignore)
      .then(() => isGone || wait());
    window.addEventListener("keydown", press);
    return () => {
      isGone = true;
      for (const timer of timers) window.clearTimeout(timer);
      window.removeEventListener("keydown", press);
    };
  }, [isBuilt]);
  const isDue = turn === "all" || (turn === "near" && isOnScreen) || isPrinting;
  useEffect(() => {
    if (isDue) setIsBuilt(true);
  }, [isDue]);
  return isBuilt || isDue;
}

function ignore(): void {
  // The charts' frames say it; what stands below them is built without them.
}

export function useIsPrinting(): boolean {
  return useSyncExternalStore(subscribePrint, getIsPrinting);
}

/** The zoom, once it has been still for a moment. */
export function useSettledZoom(view: View): Range | null {
  const zoom = useSyncExternalStore(view.subscribe, () => view.zoomX);
  const [settled, setSettled] = useState<Range | null>(zoom);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(zoom), zoom === null ? 0 : ZOOM_PAUSE);
    return () => window.clearTimeout(timer);
  }, [zoom]);
  return settled;
}

/** The element's width in pixels; 0 before it is laid out. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    setWidth(target.clientWidth);
    const observer = new ResizeObserver(() => setWidth(target.clientWidth));
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
