const MILLISECONDS = 2_500;

/** The id of the first chart of a metric among the curves. */
export function nameChart(metric: string): string {
  return `curves-${metric}`;
}

/** Scrolls to the chart of a metric, moves the focus there and lights it up; false where it is not there. */
export function lightUp(metric: string): boolean {
  const chart = document.getElementById(nameChart(metric));
  if (chart === null) return false;
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.scrollIntoView({ behavior: isStill ? "auto" : "smooth", block: "center" });
  chart.focus({ preventScroll: true });
  chart.dataset.lit = "true";
  window.setTimeout(() => delete chart.dataset.lit, MILLISECONDS);
  return true;
}
