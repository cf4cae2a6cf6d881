/** A chart in the draw queue. */
export interface Drawable {
  /** The earliest time of the next drawing, in ms of performance.now(). */
  notBefore: number;
  draw(): void;
}

const waiting = new Set<Drawable>();
// Milliseconds after which a frame draws no further chart.
const ENOUGH = 40;
let frame = 0;
let timer = 0;
let hasDrawn = false;
let listeners: (() => void)[] = [];

/** Schedules a drawing. Each frame draws only few charts, so that tasks stay short. */
export function enqueue(drawable: Drawable): void {
  waiting.add(drawable);
  plan();
}

export function dequeue(drawable: Drawable): void {
  waiting.delete(drawable);
  if (hasDrawn && waiting.size === 0) tell();
}

/** Resolves once charts have been drawn and none waits: at once where that is so already, and after `most` ms anyway. */
export function whenDrawn(most: number): Promise<void> {
  if (hasDrawn && waiting.size === 0) return Promise.resolve();
  return new Promise((resolve) => {
    listeners.push(resolve);
    window.setTimeout(resolve, most);
  });
}

function plan(): void {
  if (frame !== 0 || waiting.size === 0) return;
  window.clearTimeout(timer);
  const pause = Math.min(...[...waiting].map((drawable) => drawable.notBefore)) - performance.now();
  if (pause > 20) timer = window.setTimeout(request, pause - 10);
  else request();
}

function request(): void {
  if (frame === 0) frame = requestAnimationFrame(step);
}

function step(): void {
  frame = 0;
  // Also after a chart that throws.
  queueMicrotask(plan);
  const start = performance.now();
  for (const drawable of waiting) {
    if (drawable.notBefore > start) continue;
    waiting.delete(drawable);
    drawable.draw();
    hasDrawn = true;
    if (waiting.size === 0) tell();
    if (performance.now() - start > ENOUGH) return;
  }
}

function tell(): void {
  const told = listeners;
  listeners = [];
  for (const listener of told) listener();
}
