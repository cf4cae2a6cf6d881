import { type RefObject, useEffect, useState } from "react";
import { loadPlotly } from "./plotly";
import { useIsPrinting } from "./print";

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
    loadPlotly().then(wait, wait);
    window.addEventListener("keydown", press);
    return () => {
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
