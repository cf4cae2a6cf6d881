import { formatNumbers, formatScores } from "../../../text/digits";
import { formatCount, formatNumber, MISSING } from "../../../text/numbers";
import type { FigureMeta } from "../../types";
import classes from "../charts.module.css";
import type { Hit } from "./hitTest";

const MOST_ROWS = 6;
const GAP = 16;

/** A row of the tooltip. */
export interface TooltipRow {
  colour: string;
  name: string;
  note: string;
  value: string;
}

/** The text of a chart's value. */
export function writeValue(value: number, meta: FigureMeta): string {
  return writeValues([value], meta).get(value) ?? MISSING;
}

/** Distinct texts of values shown together. */
export function writeValues(values: readonly number[], meta: FigureMeta): Map<number, string> {
  if (meta.percent) return formatScores(values, "classification");
  return meta.metric.endsWith("score") ? formatScores(values, "regression") : formatNumbers(values);
}

export function writeX(x: number, axis: "epoch" | "seconds"): string {
  if (axis === "seconds") return `${formatNumber(x)} s`;
  return Number.isInteger(x) ? `epoch ${formatCount(x)}` : `epoch ${x.toFixed(2)}`;
}

/** The tooltip: strength, seed and value of the lines at the pointer, nearest first. */
export class Tooltip {
  private readonly card = document.createElement("div");

  constructor() {
    this.card.className = classes.tooltip ?? "";
    this.card.hidden = true;
    this.card.setAttribute("aria-hidden", "true");
  }

  mount(): () => void {
    document.body.append(this.card);
    return () => this.card.remove();
  }

  hide(): void {
    this.card.hidden = true;
  }

  show(
    title: string,
    hits: readonly Hit[],
    meta: FigureMeta,
    name: (regularizer: string, strength: number) => string,
    at: { x: number; y: number },
  ): void {
    const shown = hits.slice(0, MOST_ROWS);
    const values = writeValues(
      shown.map((hit) => hit.y),
      meta,
    );
    const rows = shown.map((hit) => describeHit(hit, name, values.get(hit.y) ?? MISSING));
    this.showRows(title, [...rows, ...hits.slice(MOST_ROWS).map(() => null)], at);
  }

  /** Shows a row per entry, and the number of those left out. */
  showRows(title: string, rows: readonly (TooltipRow | null)[], at: { x: number; y: number }): void {
    const shown = rows.slice(0, MOST_ROWS).filter((row) => row !== null);
    const head = document.createElement("strong");
    head.textContent = title;
    const more = rows.length > MOST_ROWS ? [makeMore(rows.length - MOST_ROWS)] : [];
    this.card.replaceChildren(head, ...shown.map(makeRow), ...more);
    this.card.hidden = false;
    this.place(at);
  }

  private place(at: { x: number; y: number }): void {
    const { width, height } = this.card.getBoundingClientRect();
    const right = at.x + GAP + width < window.innerWidth;
    const left = right ? at.x + GAP : Math.max(4, at.x - GAP - width);
    const top = Math.min(Math.max(4, at.y - height / 2), window.innerHeight - height - 4);
    this.card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}

function describeHit(
  { line }: Hit,
  name: (regularizer: string, strength: number) => string,
  value: string,
): TooltipRow {
  return {
    colour: line.trace.line?.color ?? "",
    name: name(line.regularizer, line.strength),
    note: line.seed === null ? `mean of ${line.trace.meta.runs.length}` : nameReplicate(line.seed, line.fold),
    value,
  };
}

function nameReplicate(seed: number, fold: number | null): string {
  return fold === null ? `seed ${seed}` : `seed ${seed}, fold ${fold}`;
}

function makeRow({ colour, name, note, value }: TooltipRow): HTMLElement {
  const row = document.createElement("div");
  const dot = document.createElement("i");
  dot.style.background = colour;
  const parts = [write("span", name), write("small", note), write("b", value)];
  row.append(dot, ...parts);
  return row;
}

function write(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function makeMore(count: number): HTMLElement {
  const more = document.createElement("small");
  more.textContent = `and ${count} more`;
  return more;
}
