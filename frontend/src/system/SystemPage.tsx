import { Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { describeError, type Schemas } from "../api/client";
import { readSystem } from "../api/queries";
import { Notice } from "../shell/Notice";
import { countNoun } from "../text/numbers";
import classes from "./system.module.css";
import { Workers } from "./Workers";

export function SystemPage() {
  const { data, error } = useQuery(readSystem());
  return (
    <Stack gap="lg" className={classes.page}>
      <title>System · Ridgeline</title>
      <Title order={1} size={26}>
        System
      </Title>
      {error && <Notice title="The state of the system could not be read">{describeError(error)}</Notice>}
      {data === undefined && !error && (
        <Skeleton height={240} radius="md" role="status" aria-label="Loading" />
      )}
      {data && <Loaded system={data} />}
    </Stack>
  );
}

function Loaded({ system }: { system: Schemas["System"] }) {
  return (
    <>
      <Facts system={system} />
      <section aria-labelledby="workers">
        <h2 id="workers">Workers</h2>
        <Workers workers={system.workers} />
      </section>
      <section aria-labelledby="versions">
        <h2 id="versions">Versions of the API</h2>
        <dl className={`rl-surface ${classes.versions}`}>
          {Object.entries({ ridgeline: system.version, ...system.versions }).map(([name, version]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{version}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}

function Facts({ system }: { system: Schemas["System"] }) {
  const alive = system.workers.filter((worker) => worker.alive);
  const trainers = alive.reduce((sum, worker) => sum + worker.trainers, 0);
  return (
    <dl className={classes.facts}>
      <Fact name="Queue" note={`${countNoun(system.running_jobs, "job")} running`}>
        {countNoun(system.queued_jobs, "job")} waiting
      </Fact>
      <Fact name="Trainers" note={`in ${countNoun(alive.length, "live worker")}`}>
        {trainers}
      </Fact>
      <Fact
        name="Database"
        note={
          system.disk_full
            ? "its disk is full: nothing can be saved until there is room"
            : "holds every experiment"
        }
        isBad={system.disk_full}
      >
        {system.database}
      </Fact>
      <Fact
        name="Broker"
        note={
          system.broker_reachable
            ? "reachable"
            : "not reachable: jobs wait, and are rung again once it is back"
        }
        isBad={!system.broker_reachable}
      >
        {system.broker}
      </Fact>
    </dl>
  );
}

function Fact(props: { name: string; note: string; isBad?: boolean; children: React.ReactNode }) {
  return (
    <div className={`rl-surface ${classes.fact}`} data-bad={props.isBad || undefined}>
      <dt>{props.name}</dt>
      <dd className={classes.value}>{props.children}</dd>
      <dd className={classes.note}>{props.note}</dd>
    </div>
  );
}
