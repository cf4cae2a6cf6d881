/** At most `points` indices that keep a curve's shape: both ends, and of each bucket between its least and its greatest.
 * The same choice as core/analysis/reduction.py makes for the first drawing. */
export function choosePoints(y: readonly number[], points: number): number[] {
  const length = y.length;
  if (length <= points) return y.map((_, index) => index);
  const buckets = Math.floor((points - 2) / 2);
  const chosen = [0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const first = 1 + Math.floor((bucket * (length - 2)) / buckets);
    const stop = 1 + Math.floor(((bucket + 1) * (length - 2)) / buckets);
    chosen.push(...chooseExtremes(y, first, stop));
  }
  chosen.push(length - 1);
  return chosen;
}

function chooseExtremes(y: readonly number[], first: number, stop: number): number[] {
  let low = first;
  let high = first;
  for (let index = first; index < stop; index++) {
    const value = y[index] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(y[low]) || value < (y[low] ?? 0)) low = index;
    if (Number.isNaN(y[high]) || value > (y[high] ?? 0)) high = index;
  }
  if (low === high) high = low < stop - 1 ? stop - 1 : first;
  return low < high ? [low, high] : low === high ? [low] : [high, low];
}
