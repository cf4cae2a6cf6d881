/** The part of plotly.js that this page calls. The script comes from the installed plotly package: /plotly.js. */
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

const SOURCE = "/plotly.js";

declare global {
  interface Window {
    Plotly?: Plotly;
  }
}

let loading: Promise<Plotly> | null = null;

/** plotly.js; the page's head starts loading it on an experiment's address, else the first chart does. */
export function loadPlotly(): Promise<Plotly> {
  loading ??= new Promise<Plotly>((resolve, reject) => {
    if (window.Plotly) {
      resolve(window.Plotly);
      return;
    }
    const script = document.querySelector<HTMLScriptElement>("script[data-plotly]") ?? append();
    script.addEventListener("load", () => {
      if (window.Plotly) resolve(window.Plotly);
      else reject(new Error(`${SOURCE} must define Plotly`));
    });
    script.addEventListener("error", () => {
      script.remove();
      loading = null;
      reject(new TypeError(`${SOURCE} could not be loaded`));
    });
  });
  return loading;
}

function append(): HTMLScriptElement {
  const script = document.createElement("script");
  script.src = SOURCE;
  script.async = true;
  script.dataset.plotly = "";
  document.head.append(script);
  return script;
}
