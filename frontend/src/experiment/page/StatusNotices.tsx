import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { describeError } from "../../api/client";
import { isActive, readSystem } from "../../api/queries";
import { useCanChange } from "../../api/session";
import { LinkButton } from "../../shell/LinkButton";
import { countNoun, formatCount } from "../../text/numbers";
import { useExperimentActions } from "../live/useExperimentActions";
import shared from "../shared.module.css";
import type { Experiment } from "../types";
import { FailureDetails } from "./FailureDetails";

/** Notices for the states queued, failed and cancelled, and for jobs in trouble. */
export function StatusNotices({ experiment }: { experiment: Experiment }) {
  const { state } = experiment;
  return (
    <>
      {state === "queued" && <Waiting experiment={experiment} />}
      {isActive(state) && <JobNotices jobs={experiment.jobs} />}
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
    <div className={shared.notice} role="status">
      <strong>Queued</strong>
      <p>{words}</p>
    </div>
  );
}

function Failed({ experiment }: { experiment: Experiment }) {
  const { errors, progress } = experiment;
  return (
    <div className={shared.notice} data-tone="bad" role="alert">
      <strong>{errors.length > 1 ? `${errors.length} jobs failed` : "It failed"}</strong>
      {[...new Set(errors)].map((error) => (
        <FailureDetails key={error} error={error} />
      ))}
      <p>{describeKept(progress)}</p>
      <ContinueActions experiment={experiment} what="retry" />
    </div>
  );
}

function Cancelled({ experiment }: { experiment: Experiment }) {
  const { progress } = experiment;
  const { epochs_done: done, epochs } = progress;
  return (
    <div className={shared.notice} role="status">
      <strong>
        Cancelled after {formatCount(done)} of {countNoun(epochs, "epoch")}
      </strong>
      <p>{describeKept(progress)}</p>
      <ContinueActions experiment={experiment} what="resume" />
    </div>
  );
}

function describeKept({ share }: Experiment["progress"]): string {
  return share === 0
    ? "No epoch was finished, so there is nothing to show."
    : "What it measured until then is kept and drawn below.";
}

/** Buttons that continue from the checkpoints, or clone the experiment. */
function ContinueActions({ experiment, what }: { experiment: Experiment; what: "retry" | "resume" }) {
  const again = useExperimentActions(experiment.id);
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

/** Problems of running jobs, such as a full disk. */
function JobNotices({ jobs }: { jobs: Experiment["jobs"] }) {
  const notices = jobs.map((job) => job.notice).filter((notice) => notice !== null);
  if (notices.length === 0) return null;
  return (
    <div className={shared.notice} data-tone="warn" role="status">
      {[...new Set(notices)].map((notice) => (
        <p key={notice}>{notice}</p>
      ))}
    </div>
  );
}
