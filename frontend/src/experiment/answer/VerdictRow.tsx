import { Button, Group } from "@mantine/core";
import { describeError } from "../../api/client";
import { isActive } from "../../api/queries";
import { useCanChange } from "../../api/session";
import { useExperimentActions } from "../live/useExperimentActions";
import shared from "../shared.module.css";
import type { Experiment, Verdict } from "../types";
import classes from "./answer.module.css";
import { IntervalBar } from "./IntervalBar";
import { WORDS } from "./words";

interface Props {
  experiment: Experiment;
  verdict: Verdict;
  metric: "score" | "loss";
  extent: number;
}

/** One regularizer: its verdict in a word, the interval, the sentence, and what would tell more. */
export function VerdictRow({ experiment, verdict, metric, extent }: Props) {
  const { label, word, sentence } = verdict;
  return (
    <li className={classes.verdict} data-word={word}>
      <span className={classes.name}>
        {label}
        <span className={classes.word} data-word={word}>
          {WORDS[word]}
        </span>
      </span>
      <span className={classes.drawn}>
        {verdict.difference !== null && (
          <>
            <IntervalBar verdict={verdict} extent={extent} />
            <span className={classes.sides} aria-hidden="true">
              <span>{metric === "loss" ? "better" : "worse"}</span>
              <span>{metric === "loss" ? "worse" : "better"}</span>
            </span>
          </>
        )}
      </span>
      <p className={classes.sentence}>{sentence}</p>
      <NextSteps experiment={experiment} verdict={verdict} />
    </li>
  );
}

/** A click extends the experiment; only what is missing is trained. */
function NextSteps({ experiment, verdict }: Pick<Props, "experiment" | "verdict">) {
  const extend = useExperimentActions(experiment.id);
  const canChange = useCanChange();
  if (!canChange || isActive(experiment.state) || verdict.next_steps.length === 0) return null;
  return (
    <div className={classes.steps}>
      <Group gap={6}>
        {verdict.next_steps.map(({ kind, label, strengths, seeds }) => (
          <Button
            key={kind}
            size="compact-xs"
            variant="default"
            disabled={extend.isPending}
            onClick={() => extend.mutate({ strengths, ...(seeds === null ? {} : { seeds }) })}
          >
            {label}
          </Button>
        ))}
      </Group>
      {extend.error && (
        <p className={shared.problem} role="alert">
          {describeError(extend.error)}
        </p>
      )}
    </div>
  );
}
