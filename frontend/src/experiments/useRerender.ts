import { useEffect, useReducer } from "react";

/** Draw anew every so many milliseconds: "just now" does not stay true while nothing else changes. */
export function useRerender(milliseconds: number): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = window.setInterval(draw, milliseconds);
    return () => window.clearInterval(timer);
  }, [milliseconds]);
}
