/** The part of plotly.js that this page calls. The script is its bundle of cartesian charts. */
export interface Plotly {
  newPlot(element: HTMLElement, data: object[], layout: object, config: object): Promise<PlotElement>;
  react(element: HTMLElement, data: object[], layout: object, config: object): Promise<PlotElement>;
  relayout(element: HTMLElement, change: object): Promise<PlotElement>;
  purge(element: HTMLElement): void;
}

export interface PlotAxis {
  type: string;
  range: [number, number];
  /** Pixels from the chart's left or top edge to the axis. */
  _offset: number;
  _length: number;
  /** From a number of the data to pixels along the axis. */
  d2p(value: number): number;
  p2d(pixel: number): number;
}

export interface PlotElement extends HTMLElement {
  _fullLayout: { xaxis: PlotAxis; yaxis: PlotAxis };
  on(event: string, handler: (detail: Record<string, unknown>) => void): void;
}

/** Where it is: plugins/plotly.ts. */
declare const PLOTLY_ADDRESS: string;

declare global {
  interface Window {
    Plotly?: Plotly;
  }
}

export type PlotlyStatus = "loading" | "ready" | "failed";

let loading: Promise<Plotly> | null = null;
let status: PlotlyStatus = "loading";
const listeners = new Set<() => void>();

/** plotly.js; the page's head starts loading it on an experiment's address, else the first chart does. After a failure
 * it is asked for again. */
export function loadPlotly(): Promise<Plotly> {
  loading ??= new Promise<Plotly>((resolve, reject) => {
    if (window.Plotly) {
      tell("ready");
      resolve(window.Plotly);
      return;
    }
    const script = document.querySelector<HTMLScriptElement>("script[data-name=plotly]") ?? append();
    const fail = (problem: Error) => {
      script.remove();
      loading = null;
      tell("failed");
      reject(problem);
    };
    tell("loading");
    script.addEventListener("load", () => {
      if (window.Plotly === undefined) fail(new Error(`${PLOTLY_ADDRESS} must define Plotly`));
      else {
        tell("ready");
        resolve(window.Plotly);
      }
    });
    script.addEventListener("error", () => fail(new TypeError(`${PLOTLY_ADDRESS} could not be loaded`)));
  });
  return loading;
}

/** Calls back once plotly.js is there: at once where it is, and after failures too. Returns how to stop waiting. */
export function whenPlotly(use: (plotly: Plotly) => void): () => void {
  const look = () => {
    if (status !== "ready" || window.Plotly === undefined) return;
    listeners.delete(look);
    use(window.Plotly);
  };
  listeners.add(look);
  look();
  loadPlotly().catch(ignore);
  return () => listeners.delete(look);
}

export function subscribePlotly(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function getPlotlyStatus(): PlotlyStatus {
  return status;
}

function tell(now: PlotlyStatus): void {
  if (now === status) return;
  status = now;
  for (const listener of [...listeners]) listener();
}

function ignore(): void {
  // The charts' frames say that it could not be loaded, and how to try again.
}

function append(): HTMLScriptElement {
  const script = document.createElement("script");
  script.src = PLOTLY_ADDRESS;
  script.async = true;
  script.dataset.name = "plotly";
  document.head.append(script);
  return script;
}
