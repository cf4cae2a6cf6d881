import { Button, Group, Progress, TagsInput } from "@mantine/core";
import { IconCopy, IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, describeError, take } from "../api/client";
import { isActive } from "../api/queries";
import { useCanChange } from "../api/session";
import { DeleteDialog } from "../experiments/DeleteDialog";
import { countNoun, formatCount, formatDuration, formatMoment, formatMomentInFull } from "../format";
import { nameState } from "../outcome";
import { LinkButton } from "../shell/LinkButton";
import { classes } from "./classes";
import { EditableLine } from "./EditableLine";
import { ExtendDialog } from "./ExtendDialog";
import type { Connection } from "./feed";
import { nameFixed } from "./runs";
import type { Experiment } from "./types";

const COLOURS: Partial<Record<Experiment["state"], string>> = {
  failed: "red",
  diverged: "red",
  cancelled: "gray",
};

interface Props {
  experiment: Experiment;
  connection: Connection;
}

/** What the experiment is, how far it is, what is best so far, and what can be done with it. */
export function Head({ experiment, connection }: Props) {
  const { id, name, notes, best } = experiment;
  const canChange = useCanChange();
  const queryClient = useQueryClient();
  const path = { params: { path: { experiment_id: id } } };
  const change = useMutation({
    mutationFn: (body: { name?: string; notes?: string; tags?: string[] }) =>
      take(api.PATCH("/api/experiments/{experiment_id}", { ...path, body })),
    onSuccess: (answer) => queryClient.setQueryData(["experiments", id], answer),
  });
  return (
    <header className={classes.head}>
      <div className={classes.titleRow}>
        <h1 className={classes.title}>
          <EditableLine
            value={name}
            placeholder={`Experiment ${id}`}
            noun="name"
            maxLength={200}
            isReadOnly={!canChange}
            onSave={(value) => change.mutate({ name: value })}
          />
        </h1>
        {canChange && <Actions experiment={experiment} />}
      </div>
      <div className={classes.notes}>
        <Facts experiment={experiment} />
        <Tags tags={experiment.tags} canChange={canChange} onSave={(tags) => change.mutate({ tags })} />
        <EditableLine
          value={notes}
          placeholder="Add notes"
          noun="notes"
          maxLength={10_000}
          isLong
          isReadOnly={!canChange}
          onSave={(value) => change.mutate({ notes: value })}
          className={classes.note}
        />
      </div>
      <ProgressLine experiment={experiment} connection={connection} />
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
      {change.error && (
        <p className={classes.problem} role="alert">
          {describeError(change.error)}
        </p>
      )}
    </header>
  );
}

/** What it stands on, which the sentence has in brackets at its end, is less loud than what it says. */
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

function ProgressLine({ experiment, connection }: Props) {
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
      <span className={classes.state} data-state={state} data-outcome={outcome}>
        {isCancelling && active ? "cancelling" : nameState(experiment)}
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
      <span role="status" className={classes.connection}>
        {connection === "lost" && "Live updates interrupted, connecting again"}
      </span>
    </div>
  );
}

function Actions({ experiment }: { experiment: Experiment }) {
  const { id, name, state, cancel_requested: isCancelling } = experiment;
  const [asks, setAsks] = useState(false);
  const [isExtending, setIsExtending] = useState(false);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () =>
      take(api.POST("/api/experiments/{experiment_id}/cancel", { params: { path: { experiment_id: id } } })),
    onSuccess: (answer) => queryClient.setQueryData(["experiments", id], answer),
  });
  return (
    <Group gap={6} className={classes.actions}>
      {isActive(state) && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconX size={15} />}
          loading={cancel.isPending}
          disabled={isCancelling}
          onClick={() => cancel.mutate()}
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
        <span className={classes.problem} role="alert">
          {describeError(cancel.error)}
        </span>
      )}
      {isExtending && <ExtendDialog experiment={experiment} onClose={() => setIsExtending(false)} />}
      {asks && (
        <DeleteDialog
          id={id}
          name={name || `Experiment ${id}`}
          state={state}
          onClose={() => setAsks(false)}
          onDeleted={() => void navigate({ to: "/" })}
        />
      )}
    </Group>
  );
}

interface TagsProps {
  tags: string[];
  canChange: boolean;
  onSave: (tags: string[]) => void;
}

function Tags({ tags, canChange, onSave }: TagsProps) {
  const [isOpen, setIsOpen] = useState(false);
  if (isOpen)
    return (
      <TagsInput
        size="xs"
        aria-label="Tags"
        placeholder="Type a tag, then Enter"
        defaultValue={tags}
        maxTags={20}
        data-autofocus
        autoFocus
        onChange={onSave}
        onBlur={() => setIsOpen(false)}
        className={classes.tagsField}
      />
    );
  return (
    <span className={classes.tags}>
      {tags.map((tag) => (
        <Link key={tag} to="/" search={{ tag }} className={classes.tag} dir="auto">
          {tag}
        </Link>
      ))}
      {canChange && (
        <button type="button" className={classes.textButton} onClick={() => setIsOpen(true)}>
          {tags.length > 0 ? "Edit tags" : "Add tags"}
        </button>
      )}
    </span>
  );
}
