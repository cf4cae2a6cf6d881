import { Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useContext } from "react";
import type { Schemas } from "../api/client";
import { isActive } from "../api/queries";
import { describeOutcome, listProblems } from "../text/experimentState";
import { countNoun, formatCount } from "../text/numbers";
import { getSymbol, labelRegularizer } from "../text/regularizers";
import { nameStrength } from "../text/strengths";
import { formatDuration, formatMoment, formatMomentInFull } from "../text/times";
import { ChoiceContext } from "./choice";
import classes from "./list.module.css";
import { Sparkline } from "./Sparkline";
import { findRange } from "./sparklineLayout";
import { useRerender } from "./useRerender";

type Row = { row: Schemas["ExperimentSummary"] };
const MOST_SPARKS = 4;
const MINUTE = 60_000;

export function NameCell({ row }: Row) {
  return (
    <div className={classes.nameCell}>
      <ChoiceBox row={row} />
      <Link
        to="/experiments/$id"
        params={{ id: String(row.id) }}
        className={classes.name}
        data-row-link
        dir="auto"
      >
        {row.name || `Experiment ${row.id}`}
      </Link>
      {row.tags.length > 0 && (
        <div className={classes.tags}>
          {row.tags.map((tag) => (
            <Link
              key={tag}
              to="/"
              search={(old) => ({ ...old, tag, page: undefined })}
              className={classes.tag}
              dir="auto"
              aria-label={`Only experiments tagged ${tag}`}
            >
              {tag}
            </Link>
          ))}
        </div>
      )}
    </div>
  );
}

function ChoiceBox({ row }: Row) {
  const { ids, toggle } = useContext(ChoiceContext);
  return (
    <label className={classes.choose}>
      <input
        type="checkbox"
        data-row-choice
        aria-label={`Choose ${row.name || `Experiment ${row.id}`} to compare`}
        checked={ids.includes(row.id)}
        onChange={() => toggle(row.id)}
      />
    </label>
  );
}

export function SetupCell({ row, labels }: Row & { labels: Record<string, string> }) {
  return (
    <div>
      <div>{labels[row.dataset] ?? row.dataset}</div>
      <div className={classes.quiet}>{labels[row.network] ?? row.network}</div>
      <div className={classes.quiet}>{countNoun(row.runs, "run")}</div>
    </div>
  );
}

export function RegularizersCell({ row }: Row) {
  const keys = row.regularizers.filter((key) => key !== "none");
  if (keys.length === 0) return <span className={classes.quiet}>Baseline only</span>;
  const range = findRange(row.sparklines);
  const hasScores = keys.some((key) => row.sparklines[key]?.some((cell) => cell.score_mean !== null));
  if (!hasScores) return <span className={classes.quiet}>{keys.map(labelRegularizer).join(", ")}</span>;
  return (
    <div className={classes.sparks}>
      {keys.slice(0, MOST_SPARKS).map((key) => (
        <Sparkline
          key={key}
          regularizer={key}
          cells={row.sparklines[key] ?? []}
          baseline={row.sparklines.none?.[0]}
          best={row.best?.cell}
          range={range}
          task={row.task}
        />
      ))}
      {keys.length > MOST_SPARKS && (
        <span className={classes.quiet} title={keys.slice(MOST_SPARKS).map(labelRegularizer).join(", ")}>
          +{keys.length - MOST_SPARKS} more
        </span>
      )}
    </div>
  );
}

export function StateCell({ row }: Row) {
  const { seconds, seconds_left: left } = row.progress;
  const share = 100 * row.progress.share;
  return (
    <div className={classes.stateCell}>
      <div className={classes.state} data-state={row.state} data-outcome={row.outcome}>
        {describeOutcome(row)}
        {(row.state === "completed" || row.state === "diverged") && seconds !== null && (
          <span className={classes.quiet}> in {formatDuration(seconds)}</span>
        )}
      </div>
      {listProblems(row).map((title) => (
        <div key={title} className={classes.quiet}>
          {title}
        </div>
      ))}
      {row.state === "running" && (
        <>
          <Progress value={share} size={5} radius="xl" aria-label={`${Math.floor(share)} % of epochs done`} />
          <div className={classes.quiet}>
            {Math.floor(share)} %{left !== null && `, ${formatDuration(left)} left`}
          </div>
        </>
      )}
      {(row.state === "failed" || row.state === "cancelled") && (
        <div className={classes.quiet}>after {Math.floor(share)} % of epochs</div>
      )}
    </div>
  );
}

export function BestCell({ row }: Row) {
  if (row.best === null)
    return <span className={classes.quiet}>{isActive(row.state) ? "none yet" : "none"}</span>;
  const { cell, tied, tie, score, against, sentence } = row.best;
  const isBaseline = cell.regularizer === "none";
  return (
    <div title={sentence}>
      <div className={classes.score}>{row.task === "regression" ? `R² ${score}` : score}</div>
      <div className={classes.quiet}>
        {tie && `a tie: the baseline and ${formatCount(tied.length)} more`}
        {isBaseline && !tie && "the baseline itself"}
        {!isBaseline &&
          `${labelRegularizer(cell.regularizer)}, ${nameStrength(getSymbol(cell.regularizer), cell.strength)}`}
        {!isBaseline && (
          <span className={classes.against}>{against === null ? "no baseline" : `baseline ${against}`}</span>
        )}
      </div>
    </div>
  );
}

export function WhenCell({ row }: Row) {
  useRerender(MINUTE / 2);
  return (
    <time dateTime={row.created} title={formatMomentInFull(row.created)} className={classes.when}>
      {formatMoment(row.created)}
    </time>
  );
}
