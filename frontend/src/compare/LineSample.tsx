import type { LineStyle } from "./queries";

const WIDTH = 44;
const HEIGHT = 14;
const MIDDLE = { x: WIDTH / 2, y: HEIGHT / 2 };
const SIZE = 4.5;

/** How the line of an experiment is drawn: its dash and symbol. */
export function LineSample({ style }: { style: LineStyle }) {
  const dash = style.dash === "solid" ? undefined : style.dash.replaceAll("px", "");
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <line
        x1={0}
        x2={WIDTH}
        y1={MIDDLE.y}
        y2={MIDDLE.y}
        stroke="currentcolor"
        strokeWidth={1.8}
        strokeDasharray={dash}
      />
      <path d={drawSymbol(style.symbol)} fill="currentcolor" />
    </svg>
  );
}

/** A symbol of plotly.js' as an SVG path. */
function drawSymbol(symbol: string): string {
  const { x, y } = MIDDLE;
  const polygon = (...points: [number, number][]) =>
    `M${points.map(([left, top]) => `${x + SIZE * left},${y + SIZE * top}`).join("L")}Z`;
  switch (symbol) {
    case "square":
      return polygon([-1, -1], [1, -1], [1, 1], [-1, 1]);
    case "diamond":
      return polygon([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]);
    case "triangle-up":
      return polygon([0, -1.2], [1.2, 0.9], [-1.2, 0.9]);
    case "cross":
      return `${polygon([-0.4, -1.2], [0.4, -1.2], [0.4, 1.2], [-0.4, 1.2])}${polygon([-1.2, -0.4], [1.2, -0.4], [1.2, 0.4], [-1.2, 0.4])}`;
    case "x":
      return `${polygon([-1.1, -0.6], [-0.6, -1.1], [1.1, 0.6], [0.6, 1.1])}${polygon([0.6, -1.1], [1.1, -0.6], [-0.6, 1.1], [-1.1, 0.6])}`;
    default:
      return `M${x - SIZE},${y}a${SIZE},${SIZE} 0 1 0 ${2 * SIZE},0a${SIZE},${SIZE} 0 1 0 ${-2 * SIZE},0Z`;
  }
}
