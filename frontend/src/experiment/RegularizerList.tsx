import { useQuery } from "@tanstack/react-query";
import { isActive, readExperiment } from "../api/queries";
import { SparkPicture } from "../experiments/Sparkline";
import { findRange } from "../experiments/sparkline";
import { formatScore, labelRegularizer } from "../format";
import { classes } from "./classes";
import { MOST_COLUMNS } from "./search";
import type { Experiment } from "./types";

interface Props {
  experiment: Experiment;
  keys: string[];
  shown: string[];
  onChange: (shown: string[]) => void;
}

const PAUSE = 3000;

/** Where regularizers are too many to be columns: each with a picture of its strengths; one is looked at, and one or two
 * may stand beside it. */
export function RegularizerList({ experiment, keys, shown, onChange }: Props) {
  const { data } = useQuery({
    ...readExperiment(experiment.id),
    refetchInterval: isActive(experiment.state) ? PAUSE : false,
  });
  const { sparklines, task, best } = data ?? experiment;
  const range = findRange(sparklines);
  return (
    <fieldset className={classes.list} aria-label="Regularizers">
      <ul>
        {keys.map((key) => {
          const cells = sparklines[key] ?? [];
          const scores = cells.map((cell) => cell.score_mean).filter((score) => score !== null);
          const isShown = shown.includes(key);
          const label = labelRegularizer(key);
          return (
            <li key={key} data-shown={isShown || undefined}>
              <button
                type="button"
                className={classes.listItem}
                aria-label={label}
                aria-pressed={isShown}
                onClick={() => onChange([key])}
              >
                <span>
                  {label}
                  {scores.length > 0 && <small>best {formatScore(Math.max(...scores), task)}</small>}
                </span>
                <SparkPicture
                  regularizer={key}
                  baseline={sparklines.none?.[0]}
                  best={best?.cell}
                  {...{ cells, range, task }}
                />
              </button>
              <Beside {...{ label, isShown, shown }} onToggle={() => onChange(toggle(keys, shown, key))} />
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

interface BesideProps {
  label: string;
  isShown: boolean;
  shown: string[];
  onToggle: () => void;
}

/** Adds a regularizer to what is shown, or takes it away; one always stays. */
function Beside({ label, isShown, shown, onToggle }: BesideProps) {
  const isLast = isShown && shown.length === 1;
  const isFull = !isShown && shown.length >= MOST_COLUMNS;
  return (
    <button
      type="button"
      className={classes.beside}
      aria-label={isShown ? `Take ${label} away` : `Show ${label} beside`}
      title={isFull ? `No more than ${MOST_COLUMNS} stand side by side` : undefined}
      disabled={isLast || isFull}
      onClick={onToggle}
    >
      {isShown ? "−" : "+"}
    </button>
  );
}

function toggle(keys: readonly string[], shown: readonly string[], key: string): string[] {
  return keys.filter((own) => (own === key) !== shown.includes(own));
}
