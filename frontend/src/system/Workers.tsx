import type { Schemas } from "../api/client";
import { formatBytes } from "../text/numbers";
import { formatMoment, formatMomentInFull } from "../text/times";
import classes from "./system.module.css";

type Worker = Schemas["WorkerView"];

/** Workers with their devices and jobs, lost ones last. */
export function Workers({ workers }: { workers: Worker[] }) {
  if (workers.length === 0)
    return (
      <div className={`rl-surface ${classes.none}`}>
        <p>No worker has announced itself, so experiments wait in the queue.</p>
        <p>
          Start one with <code>ridgeline worker</code>, or everything at once with <code>make run</code>.
        </p>
      </div>
    );
  const ordered = [...workers].sort((one, other) => Number(other.alive) - Number(one.alive));
  return (
    <ul className={classes.workers}>
      {ordered.map((worker) => (
        <WorkerCard key={worker.id} worker={worker} />
      ))}
    </ul>
  );
}

function WorkerCard({ worker }: { worker: Worker }) {
  const versions = Object.entries(worker.versions).map(([name, version]) => `${name} ${version}`);
  return (
    <li className={`rl-surface ${classes.worker}`} data-alive={worker.alive || undefined}>
      <div className={classes.workerHead}>
        <span className={classes.device}>{worker.device}</span>
        <span className={classes.pulse}>{worker.alive ? "alive" : "lost"}</span>
      </div>
      <dl className={classes.details}>
        <Detail name="Host">{worker.host}</Detail>
        <Detail name="Memory">{formatBytes(worker.memory_bytes)}</Detail>
        <Detail name="Trainers">{worker.trainers}</Detail>
        <Detail name="Trains now">
          {worker.jobs.length ? `job ${worker.jobs.join(", job ")}` : "nothing"}
        </Detail>
        <Detail name="Started">
          <time dateTime={worker.started} title={formatMomentInFull(worker.started)}>
            {formatMoment(worker.started)}
          </time>
        </Detail>
        <Detail name="Heartbeat">
          <time dateTime={worker.heartbeat} title={formatMomentInFull(worker.heartbeat)}>
            {formatMoment(worker.heartbeat)}
          </time>
        </Detail>
      </dl>
      <p className={classes.note}>{versions.join(", ")}</p>
    </li>
  );
}

function Detail({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
