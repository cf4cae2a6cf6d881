// Printing: before the browser renders the paper, all parts are mounted and all charts redrawn for it.
import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";
import { type ChartTheme, readChartTheme } from "./chartTheme";

export interface Printable {
  /** Draw synchronously in this width and these colours. */
  print(width: number, theme: ChartTheme): void;
  /** Schedule a redraw for the screen. */
  restore(): void;
}

// Half the width of A4 and Letter in CSS pixels, without the frame in charts.module.css.
const WIDTH = 316;
const charts = new Set<Printable>();
const listeners = new Set<() => void>();
let isPrinting = false;

export function addPrintable(chart: Printable): () => void {
  charts.add(chart);
  return () => charts.delete(chart);
}

export function subscribePrint(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function getIsPrinting(): boolean {
  return isPrinting;
}

export function useIsPrinting(): boolean {
  return useSyncExternalStore(subscribePrint, getIsPrinting);
}

function begin(): void {
  if (isPrinting) return;
  // Light colours also in the dark scheme; styles.css has the rule.
  document.documentElement.dataset.printing = "";
  flushSync(() => tell(true));
  const theme = readChartTheme();
  flushSync(() => {
    for (const chart of charts) chart.print(WIDTH, theme);
  });
}

function end(): void {
  delete document.documentElement.dataset.printing;
  tell(false);
  for (const chart of charts) chart.restore();
}

function tell(now: boolean): void {
  isPrinting = now;
  for (const listener of listeners) listener();
}

window.addEventListener("beforeprint", begin);
window.addEventListener("afterprint", end);
