import { lightUp, nameChart } from "../charts/lightUp";
import shared from "../shared.module.css";
import type { Observation } from "../types";
import classes from "./observations.module.css";

interface Props {
  observations: readonly Observation[];
}

/** What the curves show: checked sentences, each a link to its chart. */
export function Observations({ observations }: Props) {
  if (observations.length === 0) return null;
  return (
    <section className={shared.section} aria-labelledby="observations-title">
      <h2 id="observations-title">What the curves show</h2>
      <ul className={classes.observations}>
        {observations.map(({ kind, chart, regularizer, sentence }) => (
          <li key={`${kind} ${regularizer ?? ""}`}>
            <a
              href={`#${nameChart(chart)}`}
              onClick={(event) => {
                if (lightUp(chart)) event.preventDefault();
              }}
            >
              {sentence}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
