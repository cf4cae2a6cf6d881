"""Another host joins by three variables: two hosts, each in a network of its own, share the jobs of one experiment."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from core.db.models import Experiment, Job, Run, Worker
from core.db.queries import workers
from core.planning import plan_jobs, plan_runs
from core.settings import Settings
from core.spec import ExperimentSpec
from tests.conftest import migrate_database, miss
from tests.faults.hosts import Host, make_host
from tests.installation import SMALL, Installation
from tests.servers import ServerMissingError, find_port, make_cluster, serve_redis

SWEEP = SMALL | {"seeds": 4, "epochs": 700}
JOBS = 4
Joined = dict[str, subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """PostgreSQL, Redis and a checkpoint folder; no worker yet."""
    folder, port = tmp_path_factory.mktemp("first"), find_port()
    try:
        with make_cluster() as cluster, cluster.serve() as database, serve_redis(folder, port) as broker:
            migrate_database(database, folder)
            settings = Settings(
                home=folder, database_url=database, broker_url=broker, checkpoint_folder=folder / "shared"
            )
            installation = Installation(settings, folder)
            yield installation
            installation.close()
    except ServerMissingError as error:
        miss(error)


@pytest.fixture(scope="module")
def hosts(first: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    ports = [make_url(url).port or 0 for url in (first.settings.database_url, first.settings.broker_url)]
    folder = tmp_path_factory.mktemp("hosts")
    try:
        with contextlib.ExitStack() as stack:
            yield [stack.enter_context(make_host(number, folder, ports)) for number in (1, 2)]
    except ServerMissingError as error:
        miss(error)


@pytest.fixture(scope="module")
def joined(first: Installation, hosts: list[Host]) -> Iterator[Joined]:
    """By host: its worker, which was told three things."""
    processes = {host.name: join(first, host) for host in hosts}
    try:
        first.wait(lambda: len(first.read(workers.list_workers)) == len(hosts), 90)
        yield processes
    finally:
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        for process in processes.values():
            process.wait(20)


def join(first: Installation, host: Host) -> subprocess.Popen[bytes]:
    def lead(url: str) -> str:
        return make_url(url).set(host=host.gateway).render_as_string(hide_password=False)

    variables = {
        "RIDGELINE_DATABASE_URL": lead(first.settings.database_url),
        "RIDGELINE_BROKER_URL": lead(first.settings.broker_url),
        "RIDGELINE_CHECKPOINT_FOLDER": str(first.settings.checkpoint_folder),
    }
    return host.start("worker.supervisor.gpu_processes", variables, first.log)


def submit(installation: Installation, count: int) -> int:
    """The id of a new experiment, cut into ``count`` jobs."""
    spec = ExperimentSpec.model_validate(SWEEP)
    with installation.sessions.begin() as session:
        experiment = Experiment(name="shared", notes="", spec=spec.model_dump(mode="json"))
        session.add(experiment)
        session.flush()
        for planned in plan_jobs(plan_runs(spec), count):
            job = Job(experiment_id=experiment.id, epochs=spec.epochs)
            session.add(job)
            session.flush()
            for run in planned:
                own = {"regularizer": run.regularizer, "strength": run.strength, "seed": run.seed}
                session.add(Run(experiment_id=experiment.id, job_id=job.id, **own))
    for job in list_jobs(installation, experiment.id):
        installation.announce(job.id)
    return experiment.id


def list_jobs(installation: Installation, experiment_id: int) -> list[Job]:
    chosen = select(Job).where(Job.experiment_id == experiment_id).order_by(Job.id)
    return installation.read(lambda s: list(s.execute(chosen).scalars()))


def find_places(installation: Installation, jobs: list[Job], joined: Joined) -> set[str]:
    """The hosts that these jobs are or were trained on."""
    names = {process.pid: name for name, process in joined.items()}
    chosen = select(Worker.pid).where(Worker.id.in_({job.worker_id for job in jobs}))
    return {names[pid] for pid in installation.read(lambda s: s.execute(chosen).scalars().all())}


def read_network(pid: int) -> Path:
    return Path(f"/proc/{pid}/ns/net").readlink()


def test_two_hosts_share_the_jobs_of_one_experiment_and_one_goes_on_where_the_other_stopped(
    first: Installation, hosts: list[Host], joined: Joined
) -> None:
    names = {host.name for host in hosts}
    if all(host.is_apart for host in hosts):
        assert {worker.host for worker in first.read(workers.list_workers)} == names
        networks = {read_network(process.pid) for process in joined.values()}
        assert len(networks | {Path("/proc/self/ns/net").readlink()}) == 3
    experiment = submit(first, JOBS)
    first.wait(lambda: all(job.epoch >= 3 for job in list_jobs(first, experiment)), 60)
    assert find_places(first, list_jobs(first, experiment), joined) == names
    # One host is shut down in good order; the other finds the checkpoints in the folder that both have.
    leaving, staying = hosts
    left = [job.id for job in list_jobs(first, experiment) if find_places(first, [job], joined) == {leaving.name}]
    joined[leaving.name].send_signal(signal.SIGTERM)
    assert joined[leaving.name].wait(20) == 0
    first.wait(lambda: all(job.state == "completed" for job in list_jobs(first, experiment)), 120)
    jobs = list_jobs(first, experiment)
    assert left
    assert find_places(first, jobs, joined) == {staying.name}
    for job in jobs:
        # No epoch was trained twice.
        assert (job.attempt, job.failures, job.rewinds) == (2 if job.id in left else 1, 0, [])
    rows = first.epochs(experiment)
    assert len(rows) == 12
    assert all(epochs == list(range(SWEEP["epochs"] + 1)) for epochs in rows.values())
