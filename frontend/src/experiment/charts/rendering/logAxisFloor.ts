import type { Trace } from "../../types";

/** The traces as a logarithmic axis can show them: what lies below its foot, 0 above all, runs along it, marked. */
export function drawAtFoot(traces: readonly Trace[], foot: number): Trace[] {
  const drawn = traces.map((trace) => ({ ...trace, y: trace.y.map((value) => raise(value, foot)) }));
  return [
    ...drawn,
    ...traces.filter(({ meta }) => isMarked(meta.kind)).flatMap((trace) => markFoot(trace, foot)),
  ];
}

/** What a value is drawn at. */
export function raise(value: number, foot: number): number {
  return value < foot ? foot : value;
}

function isMarked(kind: string): boolean {
  return kind === "runs" || kind === "mean";
}

function markFoot(trace: Trace, foot: number): Trace[] {
  const x = trace.x.filter((_, index) => (trace.y[index] ?? Number.NaN) < foot);
  if (x.length === 0) return [];
  const { name: _, line, lines: __, ...rest } = trace;
  return [
    {
      ...rest,
      uid: `foot-${trace.uid}`,
      mode: "markers",
      x,
      y: x.map(() => foot),
      lines: [],
      marker: { symbol: "triangle-down-open", size: 8, color: line?.color },
      cliponaxis: false,
      fill: "none",
    },
  ];
}
