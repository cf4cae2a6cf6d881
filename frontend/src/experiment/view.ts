import type { CellKey, Range } from "./types";
import { isSameCell } from "./types";

/** A cell that comes forward, and one run of it where one is meant. */
export interface Lift extends CellKey {
  run?: number | null;
}

/** What a chart must show of the view. */
export interface Viewer {
  applyZoom(): void;
  applyCross(x: number | null): void;
  applyLift(lift: Lift | null): void;
}

export type Source = "pointer" | "row" | "pinned";
const ORDER: readonly Source[] = ["pointer", "row", "pinned"];

/** What all charts, the table and the colour bar share while one looks: zoom, cross-hair, the lifted strength.
 * It changes with every move of the pointer, so it is no state of React: lifting is one rule of a style sheet. */
export class View {
  zoomX: Range | null = null;
  crossX: number | null = null;
  private readonly lifts = new Map<Source, Lift>();
  private readonly viewers = new Set<Viewer>();
  private readonly listeners = new Set<() => void>();
  private readonly sheet = new CSSStyleSheet();
  private rule = "";

  mount(): () => void {
    document.adoptedStyleSheets.push(this.sheet);
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.sheet);
    };
  }

  add(viewer: Viewer): () => void {
    this.viewers.add(viewer);
    viewer.applyLift(this.lift);
    return () => this.viewers.delete(viewer);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get lift(): Lift | null {
    for (const source of ORDER) {
      const lift = this.lifts.get(source);
      if (lift !== undefined) return lift;
    }
    return null;
  }

  setLift(source: Source, lift: Lift | null): void {
    const before = this.lift;
    if (lift === null) this.lifts.delete(source);
    else this.lifts.set(source, lift);
    const now = this.lift;
    if (isSameCell(before, now) && before?.run === now?.run) return;
    const rule = now === null ? "" : writeRule(now);
    if (rule !== this.rule) this.sheet.replaceSync(rule);
    this.rule = rule;
    for (const viewer of this.viewers) viewer.applyLift(now);
    for (const listener of this.listeners) listener();
  }

  setCross(x: number | null): void {
    if (x === this.crossX) return;
    this.crossX = x;
    for (const viewer of this.viewers) viewer.applyCross(x);
  }

  setZoom(range: Range | null): void {
    this.zoomX = range;
    for (const viewer of this.viewers) viewer.applyZoom();
    for (const listener of this.listeners) listener();
  }
}

/** Names a cell in a class or an attribute: letters, digits, _ and - only. */
export function nameCell({ regularizer, strength }: CellKey): string {
  const name = `${regularizer}-${strength}`;
  return `cell-${[...name].map((char) => (/[\w-]/.test(char) ? char : `_${char.codePointAt(0)}`)).join("")}`;
}

function writeRule(lift: Lift): string {
  const cell = nameCell(lift);
  return [
    `[data-lines] .scatterlayer .trace{opacity:.1!important}`,
    `[data-lines] .scatterlayer .trace.cell-none-0.mean{opacity:.5!important}`,
    `[data-lines] .scatterlayer .trace.${cell}{opacity:1!important}`,
    `[data-lines] .scatterlayer .trace.${cell}.seeds{opacity:.55!important}`,
    `[data-lines] .scatterlayer .trace.${cell}.mean .js-line{stroke-width:3px!important}`,
    `tr[data-cell="${cell}"]>td{background:var(--rl-accent-soft)}`,
    `[data-tick="${cell}"]{color:var(--rl-ink)!important;font-weight:650}`,
  ].join("\n");
}
