import { Button, Group } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, describeError, take } from "../api/client";
import { readSystem } from "../api/queries";
import { countNoun, formatCount } from "../format";
import { LinkButton } from "../shell/LinkButton";
import { classes } from "./classes";
import { groupDiverged } from "./runs";
import type { Experiment, RunView } from "./types";

const MOST_STOPS = 6;

/** What happened and what to do, where something did: waiting, failed, cancelled. */
export function Notices({ experiment }: { experiment: Experiment }) {
  const { state } = experiment;
  return (
    <>
      {state === "queued" && <Waiting experiment={experiment} />}
      {state === "failed" && <Failed experiment={experiment} />}
      {state === "cancelled" && <Cancelled experiment={experiment} />}
    </>
  );
}

function Waiting({ experiment }: { experiment: Experiment }) {
  const system = useQuery(readSystem());
  const alive = system.data?.workers.filter((worker) => worker.alive) ?? [];
  const own = experiment.jobs.length;
  const ahead = (system.data?.queued_jobs ?? own) - own + (system.data?.running_jobs ?? 0);
  const words = (() => {
    if (system.data === undefined) return "Waiting for a worker.";
    if (alive.length === 0)
      return "It waits for a worker, and none is alive. Start one with `ridgeline worker`; the first curve follows by itself.";
    if (!system.data.broker_reachable)
      return "The broker cannot be reached, so no worker has heard of it yet. It stays queued and is rung again by itself.";
    if (ahead > 0) return `It waits for ${countNoun(ahead, "job")} that came before.`;
    return `${countNoun(alive.length, "worker")} alive; it starts in a moment.`;
  })();
  return (
    <div className={classes.notice} role="status">
      <strong>Queued</strong>
      <p>{words}</p>
    </div>
  );
}

function Failed({ experiment }: { experiment: Experiment }) {
  const { errors, progress } = experiment;
  return (
    <div className={classes.notice} data-tone="bad" role="alert">
      <strong>{errors.length > 1 ? `${errors.length} jobs failed` : "It failed"}</strong>
      {[...new Set(errors)].map((error) => (
        <pre key={error} className={classes.cause}>
          {error}
        </pre>
      ))}
      <p>{describeKept(progress.epochs_done)}</p>
      <Retry experiment={experiment} />
    </div>
  );
}

function Cancelled({ experiment }: { experiment: Experiment }) {
  const { epochs_done: done, epochs } = experiment.progress;
  return (
    <div className={classes.notice} role="status">
      <strong>
        Cancelled after {formatCount(done)} of {countNoun(epochs, "epoch")}
      </strong>
      <p>{describeKept(done)}</p>
      <Retry experiment={experiment} />
    </div>
  );
}

function describeKept(epochs: number): string {
  return epochs === 0
    ? "No epoch was finished, so there is nothing to show."
    : `What it measured in ${countNoun(epochs, "epoch")} over its jobs is kept and drawn below.`;
}

/** The same experiment once more, or one that differs. */
function Retry({ experiment }: { experiment: Experiment }) {
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: () => take(api.POST("/api/experiments", { body: experiment.spec })),
    onSuccess: ({ id }) => navigate({ to: "/experiments/$id", params: { id: String(id) } }),
  });
  return (
    <Group gap="xs" mt={6}>
      <Button size="xs" loading={again.isPending} onClick={() => again.mutate()}>
        Try again
      </Button>
      <LinkButton size="xs" variant="default" to="/new" search={{ from: experiment.id }}>
        Change it first
      </LinkButton>
      {again.error && <span role="alert">{describeError(again.error)}</span>}
    </Group>
  );
}

/** Which runs ended before their last epoch, and why. */
export function StoppedNotice({ stops }: { stops: Experiment["stops"] }) {
  if (stops.length === 0) return null;
  const more = stops.length - MOST_STOPS;
  return (
    <div className={classes.notice} role="status">
      {stops.slice(0, MOST_STOPS).map(({ sentence }) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <p>{more > 0 ? `And ${more} more of this kind. ` : ""}Their curves end there.</p>
    </div>
  );
}

/** Which runs diverged, and from which epoch on. */
export function DivergedNotice({ runs }: { runs: readonly RunView[] }) {
  const groups = groupDiverged(runs);
  if (groups.length === 0) return null;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const shown = groups.slice(0, 4).map((group) => group.words);
  const more = groups.length - shown.length;
  return (
    <div className={classes.notice} data-tone="warn" role="status">
      <strong>{countNoun(count, "run")} diverged</strong>
      <p>
        {shown.join("; ")}
        {more > 0 && `; and ${countNoun(more, "strength")} more`}. The others are not touched by it. A smaller
        learning rate or strength usually helps.
      </p>
    </div>
  );
}
