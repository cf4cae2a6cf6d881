import { labelRegularizer } from "../../text/regularizers";
import classes from "./options.module.css";

interface Props {
  keys: string[];
  shown: string[];
  onChange: (shown: string[]) => void;
}

/** The choice of regularizers. Each has its own column and scale, because their strengths are not comparable. */
export function RegularizerChips({ keys, shown, onChange }: Props) {
  const toggle = (key: string) => {
    const next = keys.filter((own) => (own === key) !== shown.includes(own));
    if (next.length > 0) onChange(next);
  };
  return (
    <fieldset className={classes.chips} aria-label="Regularizers">
      {keys.map((key) => (
        <button
          key={key}
          type="button"
          className={classes.chip}
          aria-pressed={shown.includes(key)}
          onClick={() => toggle(key)}
        >
          {labelRegularizer(key)}
        </button>
      ))}
      <span className={classes.baselineChip} title="Every chart has the baseline">
        <i aria-hidden="true" />
        Baseline
      </span>
    </fieldset>
  );
}
