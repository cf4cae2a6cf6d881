import type { ReactNode } from "react";
import classes from "./choices.module.css";
import shared from "./form.module.css";

export interface ChoiceOption {
  name: string;
  label: string;
  detail?: ReactNode;
  picture?: ReactNode;
  /** Why it cannot be chosen. */
  refusal?: string;
}

interface Props {
  legend: string;
  /** The field's path, also the name of the radio group. */
  path: string;
  options: readonly ChoiceOption[];
  value: string;
  onChange: (name: string) => void;
  error?: ReactNode;
  size?: "small" | "large";
  /** Whether a narrow screen shows picture and label only. */
  isCompact?: boolean;
}

/** Radio buttons as cards. */
export function ChoiceCards({
  legend,
  path,
  options,
  value,
  onChange,
  error,
  size = "large",
  isCompact,
}: Props) {
  return (
    <fieldset
      className={classes.choices}
      data-size={size}
      data-compact={isCompact || undefined}
      id={path}
      tabIndex={-1}
    >
      <legend className={shared.hidden}>{legend}</legend>
      {options.map((option) => (
        <label key={option.name} className={classes.choice} title={option.refusal}>
          <input
            type="radio"
            name={path}
            value={option.name}
            checked={option.name === value}
            disabled={option.refusal !== undefined && option.name !== value}
            onChange={() => onChange(option.name)}
          />
          {option.picture}
          <span className={classes.choiceText}>
            <span className={classes.choiceLabel}>{option.label}</span>
            {option.detail && <span className={classes.choiceDetail}>{option.detail}</span>}
          </span>
        </label>
      ))}
      {error && (
        <p className={shared.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
