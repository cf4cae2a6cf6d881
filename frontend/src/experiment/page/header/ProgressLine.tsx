import { Progress } from "@mantine/core";
import { isActive } from "../../../api/queries";
import { ConnectionStatus } from "../../../live/ConnectionStatus";
import { describeState } from "../../../text/experimentState";
import { countNoun, formatCount } from "../../../text/numbers";
import { formatDuration } from "../../../text/times";
import shared from "../../shared.module.css";
import type { Experiment } from "../../types";
import classes from "../page.module.css";

const COLOURS: Partial<Record<Experiment["state"], string>> = {
  failed: "red",
  diverged: "red",
  cancelled: "gray",
};

/** State, progress bar and speed of an experiment. */
export function ProgressLine({ experiment }: { experiment: Experiment }) {
  const { state, outcome, progress, jobs, cancel_requested: isCancelling } = experiment;
  const { epochs_done: done, epochs, run_epochs_per_second: speed, seconds_left: left, seconds } = progress;
  const share = 100 * progress.share;
  const active = isActive(state);
  const parts = [
    `${formatCount(done)} of ${countNoun(epochs, "epoch")}`,
    ...(active && jobs.length > 1
      ? [`${formatCount(progress.jobs_done)} of ${countNoun(jobs.length, "job")} done`]
      : []),
    ...(active && speed ? [`${formatCount(Math.round(speed))} run epochs per second`] : []),
    ...(active && left !== null ? [`${formatDuration(left)} left`] : []),
    ...(!active && seconds !== null ? [`in ${formatDuration(seconds)}`] : []),
  ];
  return (
    <div className={classes.progress}>
      <span className={shared.state} data-state={state} data-outcome={outcome}>
        {isCancelling && active ? "cancelling" : describeState(experiment)}
      </span>
      <Progress
        value={share}
        size={6}
        radius="xl"
        className={classes.bar}
        color={COLOURS[state]}
        aria-label={`${Math.floor(share)} % of epochs done`}
        transitionDuration={0}
      />
      <span className={classes.progressText}>{parts.join(" · ")}</span>
      <ConnectionStatus className={classes.connection} />
    </div>
  );
}
