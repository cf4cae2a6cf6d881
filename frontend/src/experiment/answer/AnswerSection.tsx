import { SegmentedControl } from "@mantine/core";
import { describeError } from "../../api/client";
import { isActive } from "../../api/queries";
import { nameScore } from "../../text/scores";
import shared from "../shared.module.css";
import type { Experiment } from "../types";
import classes from "./answer.module.css";
import { findExtent } from "./intervalScale";
import { useAnswer } from "./useAnswer";
import { VerdictRow } from "./VerdictRow";

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
          <ul className={classes.verdicts}>
            {answer.verdicts.map((verdict) => (
              <VerdictRow
                key={verdict.regularizer}
                experiment={experiment}
                verdict={verdict}
                metric={metric}
                extent={extent}
              />
            ))}
          </ul>
          {answer.missing !== null && isActive(experiment.state) && (
            <p className={shared.count}>{answer.missing}.</p>
          )}
        </>
      )}
    </section>
  );
}
