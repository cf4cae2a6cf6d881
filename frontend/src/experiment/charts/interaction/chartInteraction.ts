import { labelRegularizer, nameStrength } from "../../../text/format";
import type { CellKey, ColourScale, Range } from "../../types";
import { isSameCell } from "../../types";

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

/** What is zoomed to, in the units of the data: one range of x for all charts, one of y for each metric. */
export interface Zoom {
  x: Range | null;
  y: Record<string, Range>;
}

export type Source = "pointer" | "row" | "pinned";
const ORDER: readonly Source[] = ["pointer", "row", "pinned"];

/** What all charts, the table and the colour bar share while one looks: zoom, cross-hair, the lifted strength.
 * It changes with every move of the pointer, so it is no state of React: lifting is one rule of a style sheet. */
export class View {
  crossX: number | null = null;
  private zoom: Zoom;
  private readonly names = new Map<string, string>();
  private readonly lifts = new Map<Source, Lift>();
  private readonly viewers = new Set<Viewer>();
  private readonly listeners = new Set<() => void>();
  private readonly sheet = new CSSStyleSheet();
  private rule = "";

  constructor(zoom: Zoom = { x: null, y: {} }) {
    this.zoom = zoom;
  }

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

  get zoomX(): Range | null {
    return this.zoom.x;
  }

  getZoomY(metric: string): Range | null {
    return this.zoom.y[metric] ?? null;
  }

  getZoom = (): Zoom => this.zoom;

  /** Replaces the zoom of all charts; without an argument everything is shown again. */
  setZoom(zoom: Zoom = { x: null, y: {} }): void {
    this.zoom = zoom;
    for (const viewer of this.viewers) viewer.applyZoom();
    for (const listener of this.listeners) listener();
  }

  zoomTo(x: Range | null, metric: string, y: Range | null): void {
    this.setZoom({ x: x ?? this.zoom.x, y: y === null ? this.zoom.y : { ...this.zoom.y, [metric]: y } });
  }

  /** Take over how strengths are written: so that no two of a sweep are written alike. */
  learn(scales: readonly (ColourScale | null)[]): void {
    for (const scale of scales)
      for (const { strength, label } of scale?.ticks ?? [])
        this.names.set(
          nameCell({ regularizer: scale?.regularizer ?? "", strength }),
          `${scale?.symbol} = ${label}`,
        );
  }

  /** `λ = 10⁻⁴`, or `Baseline`. */
  nameLine(regularizer: string, strength: number): string {
    if (regularizer === "none") return labelRegularizer("none");
    return this.names.get(nameCell({ regularizer, strength })) ?? nameStrength(regularizer, strength);
  }
}

/** Names a regularizer in a class or an attribute: letters, digits, _ and - only. */
export function nameKey(regularizer: string): string {
  return [...regularizer].map((char) => (/[\w-]/.test(char) ? char : `_${char.codePointAt(0)}`)).join("");
}

/** Names a cell in the same way. */
export function nameCell({ regularizer, strength }: CellKey): string {
  return `cell-${nameKey(`${regularizer}-${strength}`)}`;
}

/** The charts that hold the cell fade all other lines; charts of another regularizer have nothing to bring forward. */
function writeRule(lift: Lift): string {
  const cell = nameCell(lift);
  const chart = lift.regularizer === "none" ? "[data-lines]" : `[data-lines="${nameKey(lift.regularizer)}"]`;
  return [
    `${chart} .scatterlayer .trace{opacity:.1!important}`,
    `${chart} .scatterlayer .trace.cell-none-0.mean{opacity:.5!important}`,
    `${chart} .scatterlayer .trace.${cell}{opacity:1!important}`,
    `${chart} .scatterlayer .trace.${cell}.seeds{opacity:.55!important}`,
    `${chart} .scatterlayer .trace.${cell}.mean .js-line{stroke-width:3px!important}`,
    `tr[data-cell="${cell}"]>td{background:var(--rl-accent-soft)}`,
    `[data-tick="${cell}"]{color:var(--rl-ink)!important;font-weight:650}`,
  ].join("\n");
}
