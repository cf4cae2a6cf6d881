import { formatGeneral } from "../../text/rounding";

export type Scale = "log" | "linear";

/** Evenly spaced strengths, both ends included, rounded as core.spec.Grid rounds them. */
export function listGrid(from: number, to: number, count: number, scale: Scale): number[] {
  if (count <= 1) return [from];
  const [low, high] = scale === "log" ? [Math.log(from), Math.log(to)] : [from, to];
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return from;
    if (index === count - 1) return to;
    const place = low + ((high - low) * index) / (count - 1);
    return Number(formatGeneral(scale === "log" ? Math.exp(place) : place, 12));
  });
}
