import { SegmentedControl } from "@mantine/core";
import answer from "../experiment/answer/answer.module.css";
import { IntervalBar } from "../experiment/answer/IntervalBar";
import { findExtent } from "../experiment/answer/intervalScale";
import { WORDS } from "../experiment/answer/words";
import shared from "../experiment/shared.module.css";
import { nameScore } from "../text/scores";
import classes from "./compare.module.css";
import { nameExperiment } from "./nameExperiment";
import type { AcrossVerdict, Compared, Comparison } from "./queries";

interface Props {
  comparison: Comparison;
  metric: "score" | "loss";
  onMetric: (metric: "score" | "loss") => void;
}

/** The verdict across: each experiment against the first, on test. */
export function AcrossSection({ comparison, metric, onMetric }: Props) {
  const { experiments, verdicts, sentence, missing, incomparable } = comparison;
  const [reference, ...others] = experiments;
  if (reference === undefined) return null;
  const extent = findExtent(verdicts);
  return (
    <section className={shared.section} aria-labelledby="across-title">
      <div className={shared.sectionHead}>
        <h2 id="across-title">On test, against {nameExperiment(reference)}</h2>
        <SegmentedControl
          size="xs"
          aria-label="Metric of the comparison"
          value={metric}
          onChange={(value) => onMetric(value === "loss" ? "loss" : "score")}
          data={[
            { value: "score", label: `By ${nameMetric(experiments)}` },
            { value: "loss", label: "By loss" },
          ]}
        />
      </div>
      <p className={answer.head} role={incomparable === null ? undefined : "status"}>
        {sentence}
      </p>
      {others.map((experiment) => (
        <Verdicts
          key={experiment.id}
          verdicts={verdicts.filter((verdict) => verdict.experiment === experiment.id)}
          title={others.length > 1 ? nameExperiment(experiment) : null}
          {...{ metric, extent }}
        />
      ))}
      {missing.length > 0 && <p className={shared.count}>{missing.join("; ")}.</p>}
    </section>
  );
}

function nameMetric(experiments: readonly Compared[]): string {
  const tasks = new Set(experiments.map(({ task }) => task));
  const [task] = tasks;
  return tasks.size === 1 && task !== undefined ? nameScore(task) : "score";
}

interface VerdictsProps extends Pick<Props, "metric"> {
  verdicts: readonly AcrossVerdict[];
  title: string | null;
  extent: number;
}

function Verdicts({ verdicts, title, metric, extent }: VerdictsProps) {
  if (verdicts.length === 0) return null;
  return (
    <>
      {title !== null && (
        <h3 className={classes.against} dir="auto">
          {title}
        </h3>
      )}
      <ul className={answer.verdicts}>
        {verdicts.map((verdict) => (
          <AcrossRow key={verdict.subject} {...{ verdict, metric, extent }} />
        ))}
      </ul>
    </>
  );
}

type RowProps = Pick<VerdictsProps, "metric" | "extent"> & { verdict: AcrossVerdict };

function AcrossRow({ verdict, metric, extent }: RowProps) {
  const { label, word, sentence, difference, experiment } = verdict;
  return (
    <li className={answer.verdict} data-word={word}>
      <span className={answer.name}>
        {label}
        <span className={answer.word} data-word={word}>
          {WORDS[word]}
        </span>
      </span>
      <span className={answer.drawn}>
        {difference !== null && (
          <>
            <IntervalBar verdict={verdict} extent={extent} />
            <span className={answer.sides} aria-hidden="true">
              <span>
                #{experiment} {metric === "loss" ? "better" : "worse"}
              </span>
              <span>{metric === "loss" ? "worse" : "better"}</span>
            </span>
          </>
        )}
      </span>
      <p className={answer.sentence}>{sentence}</p>
    </li>
  );
}
