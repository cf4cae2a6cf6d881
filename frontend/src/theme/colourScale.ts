// The colour scale of strengths, with the same stops as the one in backend/figures; a test compares them.
export const STOPS = [
  "#3956c1",
  "#4c54c6",
  "#5c51c9",
  "#6a4eca",
  "#784aca",
  "#8547c9",
  "#9144c5",
  "#9d41c0",
  "#a83fba",
  "#b23db2",
  "#bc3ca9",
  "#c53ba0",
  "#cd3a95",
  "#d53a8b",
  "#dc3b7f",
  "#e13f74",
  "#e54568",
  "#e84b5c",
  "#ea5350",
  "#eb5b44",
  "#eb6438",
  "#eb6e2d",
  "#e97723",
  "#e7811a",
  "#e48b17",
];
export const NEUTRAL = "#7c7c7c";

/** The colour at `share` of the way from the weakest strength, 0, to the strongest, 1. */
export function pickColour(share: number): string {
  const place = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  return STOPS[Math.round(place)] ?? NEUTRAL;
}

/** Positions between the smallest and the largest strength, 0 to 1; null for strength 0. */
export function spreadStrengths(strengths: readonly number[], kind: "log" | "linear"): (number | null)[] {
  const places = strengths.map((strength) =>
    strength > 0 ? (kind === "log" ? Math.log(strength) : strength) : null,
  );
  const positive = places.filter((place) => place !== null);
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  return places.map((place) => (place === null ? null : low === high ? 0.5 : (place - low) / (high - low)));
}

/** The CSS gradient of the whole scale, weakest first. */
export const GRADIENT = `linear-gradient(to right in srgb, ${STOPS.join(", ")})`;
