import options from "../experiment/options/options.module.css";
import { labelRegularizer } from "../text/regularizers";
import classes from "./compare.module.css";

interface Props {
  keys: readonly string[];
  shown: string;
  onChange: (key: string) => void;
}

/** The choice of the one regularizer whose curves are shown. */
export function RegularizerTabs({ keys, shown, onChange }: Props) {
  return (
    <fieldset className={`${options.chips} ${classes.tabs}`} aria-label="Regularizer">
      {keys.map((key) => (
        <button
          key={key}
          type="button"
          className={options.chip}
          aria-pressed={key === shown}
          onClick={() => onChange(key)}
        >
          {labelRegularizer(key)}
        </button>
      ))}
    </fieldset>
  );
}
