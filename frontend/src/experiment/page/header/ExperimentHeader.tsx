import { Button, Group, Progress } from "@mantine/core";
import { IconCopy, IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { describeError } from "../../../api/client";
import { isActive } from "../../../api/queries";
import { useCanChange } from "../../../api/session";
import { DeleteDialog } from "../../../experiments/DeleteDialog";
import { ConnectionStatus } from "../../../live/ConnectionStatus";
import { LinkButton } from "../../../shell/LinkButton";
import { describeState } from "../../../text/experimentState";
import { countNoun, formatCount } from "../../../text/numbers";
import { formatDuration, formatMoment, formatMomentInFull } from "../../../text/times";
import { useExperimentActions } from "../../live/useExperimentActions";
import { nameFixed } from "../../runs/runValues";
import shared from "../../shared.module.css";
import type { Experiment } from "../../types";
import classes from "../page.module.css";
import { EditableTags } from "./EditableTags";
import { EditableText } from "./EditableText";
import { ExtendDialog } from "./ExtendDialog";

const COLOURS: Partial<Record<Experiment["state"], string>> = {
  failed: "red",
  diverged: "red",
  cancelled: "gray",
};

/** Name, notes, tags, progress, best result and actions of an experiment. */
export function ExperimentHeader({ experiment }: { experiment: Experiment }) {
  const { id, best } = experiment;
  const canChange = useCanChange();
  return (
    <header className={classes.head}>
      <div className={classes.titleRow}>
        <EditableText
          experiment={experiment}
          field="name"
          placeholder={`Experiment ${id}`}
          maxLength={200}
          isReadOnly={!canChange}
          wrap={(line) => <h1 className={classes.title}>{line}</h1>}
        />
        {canChange && <Actions experiment={experiment} />}
      </div>
      <div className={classes.notes}>
        <Facts experiment={experiment} />
        <EditableTags experiment={experiment} canChange={canChange} />
        <EditableText
          experiment={experiment}
          field="notes"
          placeholder="Add notes"
          maxLength={10_000}
          isLong
          isReadOnly={!canChange}
          className={classes.note}
        />
      </div>
      <ProgressLine experiment={experiment} />
      {best && (
        <p className={classes.best}>
          {best.tie ? (
            isActive(experiment.state) && <span>So far</span>
          ) : (
            <span>{isActive(experiment.state) ? "Best so far" : "Best"}</span>
          )}{" "}
          <Sentence text={best.sentence} />
        </p>
      )}
    </header>
  );
}

/** A sentence whose closing brackets, its basis, are set off. */
function Sentence({ text }: { text: string }) {
  const [, said = text, basis] = /^(.*) \(([^()]+)\)$/.exec(text) ?? [];
  return (
    <>
      {said} {basis !== undefined && <span>({basis})</span>}
    </>
  );
}

function Facts({ experiment }: { experiment: Experiment }) {
  const { dataset, network, runs, jobs, spec, created } = experiment;
  const fixed = nameFixed(spec);
  return (
    <p className={classes.facts}>
      {dataset} · {network} · {spec.optimizer.name} · {countNoun(runs, "run")} in{" "}
      {countNoun(jobs.length, "job")} · {countNoun(spec.epochs ?? 0, "epoch")} ·{" "}
      {fixed !== "" && <>{fixed} on every run · </>}
      <time dateTime={created} title={formatMomentInFull(created)}>
        {formatMoment(created)}
      </time>
    </p>
  );
}

function ProgressLine({ experiment }: { experiment: Experiment }) {
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

function Actions({ experiment }: { experiment: Experiment }) {
  const { id, state, cancel_requested: isCancelling } = experiment;
  const [asks, setAsks] = useState(false);
  const [isExtending, setIsExtending] = useState(false);
  const navigate = useNavigate();
  const cancel = useExperimentActions(id);
  return (
    <Group gap={6} className={classes.actions}>
      {isActive(state) && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconX size={15} />}
          loading={cancel.isPending}
          disabled={isCancelling}
          onClick={() => cancel.mutate("cancel")}
        >
          Cancel
        </Button>
      )}
      <LinkButton
        size="xs"
        variant="default"
        leftSection={<IconCopy size={15} />}
        to="/new"
        search={{ from: id }}
      >
        Clone
      </LinkButton>
      {!isActive(state) && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => setIsExtending(true)}
        >
          Extend…
        </Button>
      )}
      <Button size="xs" variant="default" leftSection={<IconTrash size={15} />} onClick={() => setAsks(true)}>
        Delete
      </Button>
      {cancel.error && (
        <span className={shared.problem} role="alert">
          {describeError(cancel.error)}
        </span>
      )}
      {isExtending && <ExtendDialog experiment={experiment} onClose={() => setIsExtending(false)} />}
      {asks && (
        <DeleteDialog
          experiment={experiment}
          onClose={() => setAsks(false)}
          onDeleted={() => navigate({ to: "/" })}
        />
      )}
    </Group>
  );
}
