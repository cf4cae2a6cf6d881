import { SegmentedControl } from "@mantine/core";
import { describeError } from "../../api/client";
import { isActive } from "../../api/queries";
import { nameScore } from "../../text/scores";
import shared from "../shared.module.css";
import type { Experiment, Verdict } from "../types";
import classes from "./answer.module.css";
import { findExtent } from "./intervalScale";
import { Observations } from "./Observations";
import { useAnswer } from "./useAnswer";
import { VerdictRow } from "./VerdictRow";
import { WORDS } from "./words";

// As many as leave the curves in reach; the others are one click away.
const MOST_ROWS = 3;

interface Props {
  experiment: Experiment;
  metric: "score" | "loss";
  onMetric: (metric: "score" | "loss") => void;
}

/** The verdict: per regularizer the strength chosen on validation, and its difference from the baseline on test. */
export function AnswerSection({ experiment, metric, onMetric }: Props) {
  const { answer, error, refetch } = useAnswer(experiment, metric);
  const extent = findExtent(answer?.verdicts ?? []);
  return (
    <>
      <section className={shared.section} aria-labelledby="answer-title">
        <div className={shared.sectionHead}>
          <h2 id="answer-title">Answer</h2>
          <SegmentedControl
            size="xs"
            aria-label="Metric of the answer"
            value={metric}
            onChange={(value) => onMetric(value === "loss" ? "loss" : "score")}
            data={[
              { value: "score", label: `By ${nameScore(experiment.task)}` },
              { value: "loss", label: "By loss" },
            ]}
          />
        </div>
        {answer === undefined ? (
          <p className={error ? shared.problem : shared.count} role={error ? "alert" : "status"}>
            {error ? describeError(error) : "Reading the answer"}{" "}
            {error && (
              <button type="button" className={shared.textButton} onClick={() => void refetch()}>
                Try again
              </button>
            )}
          </p>
        ) : (
          <>
            <p className={classes.head}>{answer.sentence}</p>
            <p className={shared.count}>{answer.basis}</p>
            <Verdicts verdicts={answer.verdicts.slice(0, MOST_ROWS)} {...{ experiment, metric, extent }} />
            {answer.verdicts.length > MOST_ROWS && (
              <details className={classes.more}>
                <summary>{nameMore(answer.verdicts.slice(MOST_ROWS))}</summary>
                <Verdicts verdicts={answer.verdicts.slice(MOST_ROWS)} {...{ experiment, metric, extent }} />
              </details>
            )}
            {answer.missing !== null && isActive(experiment.state) && (
              <p className={shared.count}>{answer.missing}.</p>
            )}
          </>
        )}
      </section>
      {answer && <Observations observations={answer.observations} />}
    </>
  );
}

interface VerdictsProps extends Pick<Props, "experiment" | "metric"> {
  verdicts: readonly Verdict[];
  extent: number;
}

function Verdicts({ verdicts, ...rest }: VerdictsProps) {
  return (
    <ul className={classes.verdicts}>
      {verdicts.map((verdict) => (
        <VerdictRow key={verdict.regularizer} verdict={verdict} {...rest} />
      ))}
    </ul>
  );
}

/** `2 more: Max norm (tie), L1 (worse)`. */
function nameMore(verdicts: readonly Verdict[]): string {
  const names = verdicts.map(({ label, word }) => `${label} (${WORDS[word].toLowerCase()})`);
  return `${verdicts.length} more: ${names.join(", ")}`;
}
