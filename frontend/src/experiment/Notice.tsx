import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { describeError } from "../api/client";
import { isActive, readSystem } from "../api/queries";
import { useCanChange } from "../api/session";
import { countNoun, formatCount } from "../format";
import { LinkButton } from "../shell/LinkButton";
import { useAgain } from "./again";
import { Cause } from "./Cause";
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
      {isActive(state) && <Troubled jobs={experiment.jobs} />}
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
        <Cause key={error} error={error} />
      ))}
      <p>{describeKept(progress.epochs_done)}</p>
      <GoOn experiment={experiment} what="retry" />
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
      <GoOn experiment={experiment} what="resume" />
    </div>
  );
}

function describeKept(epochs: number): string {
  return epochs === 0
    ? "No epoch was finished, so there is nothing to show."
    : `What it measured in ${countNoun(epochs, "epoch")} over its jobs is kept and drawn below.`;
}

/** Goes on from where the jobs are, or starts another experiment that differs. */
function GoOn({ experiment, what }: { experiment: Experiment; what: "retry" | "resume" }) {
  const again = useAgain(experiment.id);
  const canChange = useCanChange();
  if (!canChange) return null;
  const epoch = Math.max(0, ...experiment.jobs.map((job) => job.resumable_epoch));
  return (
    <>
      <p>
        {epoch > 0
          ? `It goes on from its checkpoints, at most from epoch ${formatCount(epoch)}.`
          : "There is no checkpoint, so it begins anew."}
      </p>
      <Group gap="xs" mt={6}>
        <Button size="xs" loading={again.isPending} onClick={() => again.mutate(what)}>
          {what === "retry" ? "Retry" : "Resume"}
        </Button>
        <LinkButton size="xs" variant="default" to="/new" search={{ from: experiment.id }}>
          Change it first
        </LinkButton>
        {again.error && <span role="alert">{describeError(again.error)}</span>}
      </Group>
    </>
  );
}

/** What is wrong though it trains, such as a disk that is full. */
function Troubled({ jobs }: { jobs: Experiment["jobs"] }) {
  const notices = jobs.map((job) => job.notice).filter((notice) => notice !== null);
  if (notices.length === 0) return null;
  return (
    <div className={classes.notice} data-tone="warn" role="status">
      {[...new Set(notices)].map((notice) => (
        <p key={notice}>{notice}</p>
      ))}
    </div>
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
