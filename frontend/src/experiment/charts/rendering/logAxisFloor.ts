import type { Trace, TraceKind } from "../../types";

/** Traces on a logarithmic axis: values below its lower end, such as 0, are drawn at it and marked. */
export function drawAtFloor(traces: readonly Trace[], floor: number): Trace[] {
  const drawn = traces.map((trace) => ({ ...trace, y: trace.y.map((value) => clampToFloor(value, floor)) }));
  return [
    ...drawn,
    ...traces.filter(({ meta }) => isMarked(meta.kind)).flatMap((trace) => markFloor(trace, floor)),
  ];
}

/** The value at which a value is drawn. */
export function clampToFloor(value: number, floor: number): number {
  return value < floor ? floor : value;
}

function isMarked(kind: TraceKind): boolean {
  return kind === "runs" || kind === "mean";
}

function markFloor(trace: Trace, floor: number): Trace[] {
  const x = trace.x.filter((_, index) => (trace.y[index] ?? Number.NaN) < floor);
  if (x.length === 0) return [];
  const { name: _, line, lines: __, ...rest } = trace;
  return [
    {
      ...rest,
      uid: `foot-${trace.uid}`,
      mode: "markers",
      x,
      y: x.map(() => floor),
      lines: [],
      marker: { symbol: "triangle-down-open", size: 8, color: line?.color },
      cliponaxis: false,
      fill: "none",
    },
  ];
}
