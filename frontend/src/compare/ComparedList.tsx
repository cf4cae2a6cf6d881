import { Link } from "@tanstack/react-router";
import shared from "../experiment/shared.module.css";
import { describeOutcome, listProblems } from "../text/experimentState";
import { countNoun } from "../text/numbers";
import classes from "./compare.module.css";
import { LineSample } from "./LineSample";
import type { Compared, LineStyle } from "./queries";

interface Props {
  experiments: readonly Compared[];
  styles: readonly LineStyle[];
  onChange: (ids: number[]) => void;
}

/** The experiments that are compared, each with its dash: the first is the one that others are compared with. */
export function ComparedList({ experiments, styles, onChange }: Props) {
  const ids = experiments.map(({ id }) => id);
  const styleOf = new Map(styles.map((style) => [style.experiment, style]));
  return (
    <ul className={classes.compared} aria-label="Experiments compared">
      {experiments.map((experiment, place) => {
        const { id, name, state, outcome } = experiment;
        const style = styleOf.get(id);
        const others = ids.filter((own) => own !== id);
        return (
          <li key={id}>
            <span className={classes.sample}>{style && <LineSample style={style} />}</span>
            <Link to="/experiments/$id" params={{ id: String(id) }} className={classes.link} dir="auto">
              #{id} {name}
            </Link>
            <span className={shared.state} data-state={state} data-outcome={outcome}>
              {describeOutcome(experiment)}
            </span>
            <span className={shared.count}>
              {[countNoun(experiment.runs, "run"), ...listProblems(experiment)].join("; ")}
            </span>
            <span className={classes.actions}>
              {place === 0 ? (
                <span className={shared.count}>the others are compared with it</span>
              ) : (
                <button type="button" className={shared.textButton} onClick={() => onChange([id, ...others])}>
                  Compare with this
                </button>
              )}
              {others.length > 1 && (
                <button
                  type="button"
                  className={shared.textButton}
                  aria-label={`Leave out #${id}`}
                  onClick={() => onChange(others)}
                >
                  Leave out
                </button>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
