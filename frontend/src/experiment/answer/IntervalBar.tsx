import type { Verdict } from "../types";
import classes from "./answer.module.css";
import { placeDifference } from "./intervalScale";

interface Props {
  verdict: Pick<Verdict, "difference" | "low" | "high" | "word">;
  /** The largest distance from 0 that is drawn. */
  extent: number;
}

const WIDTH = 220;
const HEIGHT = 22;

/** The difference as a dot and its interval as a bar, 0 as a line. The sentence beside it says the numbers. */
export function IntervalBar({ verdict, extent }: Props) {
  const { difference, low, high, word } = verdict;
  const place = (value: number) => WIDTH * placeDifference(value, extent);
  const middle = HEIGHT / 2;
  return (
    <svg
      className={classes.interval}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      data-word={word}
      aria-hidden="true"
    >
      <line className={classes.zero} x1={WIDTH / 2} x2={WIDTH / 2} y1={1} y2={HEIGHT - 1} />
      {low !== null && high !== null && (
        <>
          <line className={classes.range} x1={place(low)} x2={place(high)} y1={middle} y2={middle} />
          {[low, high].map((end) => (
            <line
              key={end}
              className={classes.end}
              x1={place(end)}
              x2={place(end)}
              y1={middle - 4}
              y2={middle + 4}
            />
          ))}
        </>
      )}
      {difference !== null && <circle className={classes.dot} cx={place(difference)} cy={middle} r={4} />}
    </svg>
  );
}
