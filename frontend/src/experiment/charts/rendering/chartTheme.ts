/** The colours and font of the page for charts; plotly.js does not resolve CSS variables. */
export interface ChartTheme {
  ink: string;
  muted: string;
  line: string;
  font: string;
}

export function readChartTheme(): ChartTheme {
  const probe = document.createElement("span");
  probe.style.display = "none";
  document.body.append(probe);
  const resolve = (variable: string) => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const theme = {
    ink: resolve("--rl-ink"),
    muted: resolve("--rl-muted"),
    line: resolve("--rl-line"),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return theme;
}
