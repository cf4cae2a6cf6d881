import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useState } from "react";
import { type ChartTheme, readChartTheme } from "./chartTheme";

/** The theme of the charts; a new object when the colour scheme changes. */
export function useChartTheme(): ChartTheme {
  const scheme = useComputedColorScheme("light");
  const [theme, setTheme] = useState<{ scheme: string; theme: ChartTheme }>(() => ({
    scheme,
    theme: readChartTheme(),
  }));
  useEffect(() => {
    if (theme.scheme === scheme) return;
    // One frame later, when the page's variables have changed.
    const frame = requestAnimationFrame(() => setTheme({ scheme, theme: readChartTheme() }));
    return () => cancelAnimationFrame(frame);
  }, [scheme, theme.scheme]);
  return theme.theme;
}
