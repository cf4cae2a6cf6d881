import { getSymbol, labelRegularizer } from "../../../text/regularizers";
import { nameStrength } from "../../../text/strengths";
import type { CellKey, ColourScale, Range, Zoom } from "../../types";
import { isSameCell } from "../../types";

/** The highlighted cell, and optionally one of its runs. */
export interface Highlight extends CellKey {
  run?: number | null;
}

/** A chart that follows the shared interaction. */
export interface LinkedChart {
  applyZoom(): void;
  applyCrosshair(x: number | null): void;
  applyHighlight(highlight: Highlight | null): void;
}

export type HighlightSource = "pointer" | "row" | "pinned";
const PRECEDENCE: readonly HighlightSource[] = ["pointer", "row", "pinned"];

/**
 * The state that charts, table and colour bar share: zoom, cross-hair, highlighted strength. It changes with every move
 * of the pointer, so it is kept outside React; highlighting is one rule of a constructed style sheet.
 */
export class ChartInteraction {
  crosshairX: number | null = null;
  private zoom: Zoom;
  private readonly strengthLabels = new Map<string, string>();
  private readonly highlights = new Map<HighlightSource, Highlight>();
  private readonly charts = new Set<LinkedChart>();
  private readonly listeners = new Set<() => void>();
  private readonly styleSheet = new CSSStyleSheet();
  private rule = "";

  constructor(zoom: Zoom = { x: null, y: {} }) {
    this.zoom = zoom;
  }

  mount(): () => void {
    document.adoptedStyleSheets.push(this.styleSheet);
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.styleSheet);
    };
  }

  add(viewer: LinkedChart): () => void {
    this.charts.add(viewer);
    viewer.applyHighlight(this.highlight);
    return () => this.charts.delete(viewer);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get highlight(): Highlight | null {
    for (const source of PRECEDENCE) {
      const highlight = this.highlights.get(source);
      if (highlight !== undefined) return highlight;
    }
    return null;
  }

  setHighlight(source: HighlightSource, highlight: Highlight | null): void {
    const before = this.highlight;
    if (highlight === null) this.highlights.delete(source);
    else this.highlights.set(source, highlight);
    const now = this.highlight;
    if (isSameCell(before, now) && before?.run === now?.run) return;
    const rule = now === null ? "" : writeHighlightRule(now);
    if (rule !== this.rule) this.styleSheet.replaceSync(rule);
    this.rule = rule;
    for (const viewer of this.charts) viewer.applyHighlight(now);
    for (const listener of this.listeners) listener();
  }

  setCrosshair(x: number | null): void {
    if (x === this.crosshairX) return;
    this.crosshairX = x;
    for (const viewer of this.charts) viewer.applyCrosshair(x);
  }

  get zoomX(): Range | null {
    return this.zoom.x;
  }

  getZoomY(metric: string): Range | null {
    return this.zoom.y[metric] ?? null;
  }

  getZoom = (): Zoom => this.zoom;

  /** Sets the zoom of all charts; without an argument, resets it. */
  setZoom(zoom: Zoom = { x: null, y: {} }): void {
    this.zoom = zoom;
    for (const viewer of this.charts) viewer.applyZoom();
    for (const listener of this.listeners) listener();
  }

  zoomTo(x: Range | null, metric: string, y: Range | null): void {
    this.setZoom({ x: x ?? this.zoom.x, y: y === null ? this.zoom.y : { ...this.zoom.y, [metric]: y } });
  }

  /** Stores the labels of strengths from the colour scales, which are distinct within a sweep. */
  setStrengthLabels(scales: readonly (ColourScale | null)[]): void {
    for (const scale of scales)
      for (const { strength, label } of scale?.ticks ?? [])
        this.strengthLabels.set(
          cellClass({ regularizer: scale?.regularizer ?? "", strength }),
          `${scale?.symbol} = ${label}`,
        );
  }

  /** `λ = 10⁻⁴`, or `Baseline`. */
  labelLine(regularizer: string, strength: number): string {
    if (regularizer === "none") return labelRegularizer("none");
    return (
      this.strengthLabels.get(cellClass({ regularizer, strength })) ??
      nameStrength(getSymbol(regularizer), strength)
    );
  }
}

/** A regularizer's key as a class name: letters, digits, _ and - only. */
export function toClassName(regularizer: string): string {
  return [...regularizer].map((char) => (/[\w-]/.test(char) ? char : `_${char.codePointAt(0)}`)).join("");
}

/** A cell as a class name. */
export function cellClass({ regularizer, strength }: CellKey): string {
  return `cell-${toClassName(`${regularizer}-${strength}`)}`;
}

/** CSS that fades all other lines in the charts of the highlighted regularizer. */
function writeHighlightRule(highlight: Highlight): string {
  const cell = cellClass(highlight);
  const value = highlight.regularizer === "none" ? "" : `="${toClassName(highlight.regularizer)}"`;
  const chart = `:is([data-lines${value}],[data-ridges${value}])`;
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
