import { countNoun, formatNumber } from "../../text/numbers";
import classes from "../form/form.module.css";
import { type Schedule, sampleFactors } from "./learningRate";

const WIDTH = 168;
const HEIGHT = 44;
const COUNT = 169;

interface Props {
  schedule: Schedule;
  rate: number;
  epochs: number;
}

/** A sketch of the learning rate over the epochs. */
export function ScheduleSketch({ schedule, rate, epochs }: Props) {
  const factors = sampleFactors(schedule, epochs, COUNT);
  const points = factors.map((factor, index) => {
    const x = 2 + ((WIDTH - 4) * index) / (COUNT - 1);
    return `${x.toFixed(1)},${(HEIGHT - 3 - (HEIGHT - 6) * factor).toFixed(1)}`;
  });
  const last = factors.at(-1) ?? 1;
  const start = (factors[0] ?? 1) < 1 ? `from 0 to ${formatNumber(rate)}, ` : `${formatNumber(rate)}, `;
  const words = `${start}${last < 1 ? `then down to ${formatNumber(rate * last)}` : "then constant"}`;
  return (
    <figure className={classes.sketch}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={`Learning rate over ${countNoun(epochs, "epoch")}: ${words}`}
      >
        <line x1={2} x2={WIDTH - 2} y1={HEIGHT - 3} y2={HEIGHT - 3} />
        <polyline points={points.join(" ")} />
      </svg>
      <figcaption aria-hidden="true">
        η over {countNoun(epochs, "epoch")}: {words}
      </figcaption>
    </figure>
  );
}
