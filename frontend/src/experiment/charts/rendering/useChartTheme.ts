import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useState } from "react";
import { type ChartTheme, readChartTheme } from "./chartTheme";

/** The charts' colours; a new object when the reader changes between light and dark. */
export function useChartTheme(): ChartTheme {
  const scheme = useComputedColorScheme("light");
  const [theme, setTheme] = useState<{ scheme: string; theme: ChartTheme }>(() => ({
    scheme,
    theme: readChartTheme(),
  }));
  useEffect(() => {
    if (theme.scheme === scheme) return;
    // After the frame in which the page itself has changed.
    const frame = requestAnimationFrame(() => setTheme({ scheme, theme: readChartTheme() }));
    return () => cancelAnimationFrame(frame);
  }, [scheme, theme.scheme]);
  return theme.theme;
}
