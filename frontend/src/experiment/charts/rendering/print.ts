// Printing: what is not built yet is built, and every chart is drawn anew for paper, before the browser takes its picture.
import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";
import { type ChartTheme, readChartTheme } from "./chartTheme";

export interface Printable {
  /** Draw now, in this width and these colours. */
  print(width: number, theme: ChartTheme): void;
  /** Draw for the screen again, when there is time. */
  restore(): void;
}

// Two charts beside each other on A4 and on Letter, in CSS pixels; charts.module.css has the frame around them.
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
  // Paper is white, also for those who read in the dark: styles.css has the rule.
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
