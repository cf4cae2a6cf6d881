import { type RefObject, useEffect, useState } from "react";
import { whenDrawn } from "./drawQueue";
import { loadPlotly } from "./plotly";
import { useIsPrinting } from "./print";

// Large charts take their time, and figures may be slow to come; whatever stands below them does not wait longer.
const LONGEST_WAIT = 4000;
const FIRST_TURN = 300;
const LAST_TURN = 2000;

/**
 * Whether to render a part of the page; once true, it stays so. The curves come first, then what is near the screen,
 * then the rest, which the Tab key, the browser's search and printing reach.
 */
export function useDeferredMount(element: RefObject<HTMLElement | null>): boolean {
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

/** Whether a part of the page is on or near the screen. */
function useOnScreen(element: RefObject<HTMLElement | null>): boolean {
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
