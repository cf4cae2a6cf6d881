import type { Schemas } from "../api/client";
import { formatStrengths } from "../text/digits";
import { getScale, getSymbol, labelRegularizer } from "../text/regularizers";
import { formatScore, type Task } from "../text/scores";
import { NEUTRAL, pickColour, spreadStrengths } from "../theme/colourScale";
import classes from "./list.module.css";
import { placeDots } from "./sparklineLayout";

const WIDTH = 84;
const HEIGHT = 28;

interface Props {
  regularizer: string;
  cells: Schemas["Cell"][];
  baseline: Schemas["Cell"] | undefined;
  best: Schemas["Cell"] | undefined;
  range: [number, number];
  task: Task;
}

/** A sparkline with the regularizer's name. */
export function Sparkline(props: Props) {
  return (
    <div className={classes.spark}>
      <SparkPicture {...props} />
      <span className={classes.sparkLabel}>{labelRegularizer(props.regularizer)}</span>
    </div>
  );
}

/** Validation score over the strength, a dot per strength in its colour. */
export function SparkPicture({ regularizer, cells, baseline, best, range, task }: Props) {
  const places = spreadStrengths(
    cells.map((cell) => cell.strength),
    getScale(regularizer),
  );
  const dots = placeDots(cells, range, WIDTH, HEIGHT);
  const floor = baseline && placeDots([baseline], range, WIDTH, HEIGHT)[0]?.y;
  const radius = cells.length > 24 ? 1.4 : cells.length > 12 ? 1.9 : 2.4;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img">
      <title>{describe(regularizer, cells, task)}</title>
      {floor !== undefined && <line x1={0} x2={WIDTH} y1={floor} y2={floor} className={classes.baseline} />}
      <polyline points={dots.map(({ x, y }) => `${x},${y}`).join(" ")} className={classes.line} />
      {dots.map(({ x, y, cell }) => {
        const place = places[cells.indexOf(cell)];
        const isBest = best?.regularizer === regularizer && best.strength === cell.strength;
        const colour = place == null ? NEUTRAL : pickColour(place);
        return (
          <circle
            key={cell.strength}
            cx={x}
            cy={y}
            r={isBest ? radius + 1.1 : radius}
            fill={cell.stopped > 0 ? "var(--rl-surface)" : colour}
            stroke={cell.stopped > 0 ? colour : undefined}
            className={isBest ? classes.bestDot : undefined}
          />
        );
      })}
    </svg>
  );
}

function describe(regularizer: string, cells: Schemas["Cell"][], task: Task): string {
  const label = labelRegularizer(regularizer);
  const scored = cells.filter((cell) => cell.score_mean !== null);
  const top = scored.reduce<Schemas["Cell"] | undefined>(
    (best, cell) => (best === undefined || (cell.score_mean ?? 0) > (best.score_mean ?? 0) ? cell : best),
    undefined,
  );
  if (top === undefined) return `${label}: no score yet`;
  const score = formatScore(top.score_mean, task, top.score_deviation);
  const symbol = getSymbol(regularizer);
  const names = formatStrengths(
    cells.map((cell) => cell.strength),
    symbol,
  );
  const name = `${symbol} = ${names.get(top.strength)}`;
  return `${label}: best ${score} at ${name}, of ${cells.length} strengths`;
}
