import { useEffect, useRef } from "react";
import { SparkPicture } from "../../experiments/Sparkline";
import { findRange } from "../../experiments/sparklineLayout";
import { formatScores } from "../../text/digits";
import { labelRegularizer } from "../../text/regularizers";
import { MOST_COLUMNS } from "../search";
import type { Experiment } from "../types";
import classes from "./options.module.css";

interface Props {
  experiment: Experiment;
  keys: string[];
  shown: string[];
  onChange: (shown: string[]) => void;
}

/** The choice among many regularizers, each with a sparkline: one is shown, up to two more beside it. */
export function RegularizerList({ experiment, keys, shown, onChange }: Props) {
  const { sparklines, task, best } = experiment;
  const range = findRange(sparklines);
  const list = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    // Scrolls to the chosen one, once.
    const row = list.current?.querySelector<HTMLElement>("[data-shown]");
    if (list.current && row) list.current.scrollTop = row.offsetTop - list.current.clientHeight / 2;
  }, []);
  const tops = new Map(keys.map((key) => [key, findTop(sparklines[key] ?? [])]));
  const texts = formatScores(
    [...tops.values()].filter((top) => top !== null),
    task,
  );
  return (
    <fieldset ref={list} className={classes.list} aria-label="Regularizers">
      <ul>
        {keys.map((key) => {
          const cells = sparklines[key] ?? [];
          const top = tops.get(key) ?? null;
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
                  {top !== null && <small>{`best of ${cells.length}: ${texts.get(top)}`}</small>}
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

/** Shows a regularizer beside the others or removes it; one always stays. */
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

function findTop(cells: readonly { score_mean: number | null }[]): number | null {
  const scores = cells.map((cell) => cell.score_mean).filter((score) => score !== null);
  return scores.length > 0 ? Math.max(...scores) : null;
}

function toggle(keys: readonly string[], shown: readonly string[], key: string): string[] {
  return keys.filter((own) => (own === key) !== shown.includes(own));
}
