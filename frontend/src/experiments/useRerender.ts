import { useEffect, useReducer } from "react";

/** Rerenders at an interval, for texts such as "just now". */
export function useRerender(milliseconds: number): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = window.setInterval(draw, milliseconds);
    return () => window.clearInterval(timer);
  }, [milliseconds]);
}
