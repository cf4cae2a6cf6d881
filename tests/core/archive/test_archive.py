"""A backup is all that there is, restores into either database, and nothing but a whole one is restored."""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session

from core.archive.backup import back_up
from core.archive.restore import restore
from core.archive.writer import open_target
from core.db.engine import make_engine, migrate
from core.db.models import Base, Experiment, Job, Run, Worker
from core.db.queries.experiments import list_page
from core.db.revision import find_newest_revision, list_revisions, read_revision, upgrade
from core.db.table_dump import raise_counters
from core.errors import ArchiveError, ConflictError
from core.settings import Settings
from tests.core.archive.conftest import DIALECTS, MakeEngine


def read_all(engine: Engine) -> dict[str, list[Any]]:
    """By table: its rows as the models read them."""
    with engine.execution_options(sqlite_write=False).connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in Base.metadata.tables.items()
            if name != "workers"
        }


def read_jobs(engine: Engine) -> dict[int, Job]:
    with Session(engine) as session:
        return {job.id: job for job in session.execute(select(Job)).scalars()}


def read_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def requeue(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Rows of ``fill`` as they are to be once nobody holds a job; ``finished`` of the cancelled one is left out."""
    names = {table: [column.name for column in Base.metadata.tables[table].columns] for table in ("jobs", "runs")}
    free = {"token": None, "lease_expires": None, "rung": None}
    changed: dict[str, dict[int, dict[str, Any]]] = {
        "jobs": {
            7: {**free, "state": "queued", "worker_id": None},
            8: {**free, "state": "cancelled", "rung": ..., "finished": None},
            10: {"rung": None},
        },
        "runs": {20: {"state": "queued"}, 21: {"state": "cancelled"}},
    }
    for table, by_id in changed.items():
        for place, row in enumerate(rows[table]):
            own = {name: cell for name, cell in by_id.get(row[0], {}).items() if cell is not ...}
            rows[table][place] = tuple((dict(zip(names[table], row, strict=True)) | own).values())
    return rows


@pytest.mark.parametrize("target", DIALECTS)
def test_what_was_backed_up_is_restored_into_either_database(
    source: Engine, archive: Path, folder: Path, make_bare: MakeEngine, target: str, tmp_path: Path
) -> None:
    engine = make_bare(target)
    manifest = restore(engine, tmp_path / "new", archive)
    expected, found = requeue(read_all(source)), read_all(engine)
    finished = [column.name for column in Base.metadata.tables["jobs"].columns].index("finished")
    found["jobs"] = [row if row[0] != 8 else (*row[:finished], None, *row[finished + 1 :]) for row in found["jobs"]]
    assert found == expected
    assert len(found["epochs"]) == 2501
    assert read_files(tmp_path / "new") == read_files(folder)
    assert manifest.missing == 0
    # Of this other installation's workers it knows nothing.
    with Session(engine) as session:
        assert session.execute(select(Worker)).all() == []


@pytest.mark.parametrize("target", DIALECTS)
def test_no_value_and_the_value_null_stay_two_things(
    archive: Path, make_bare: MakeEngine, target: str, tmp_path: Path
) -> None:
    engine = make_bare(target)
    restore(engine, tmp_path / "new", archive)
    with engine.connect() as connection:
        absent = connection.execute(text("SELECT id FROM runs WHERE last IS NULL ORDER BY id")).scalars().all()
    # 20 holds JSON's null.
    assert absent == [21, 22]


@pytest.mark.parametrize("target", DIALECTS)
def test_new_rows_get_ids_after_the_restored_ones(
    archive: Path, make_bare: MakeEngine, target: str, tmp_path: Path
) -> None:
    engine = make_bare(target)
    restore(engine, tmp_path / "new", archive)
    with Session(engine) as session, session.begin():
        experiment = Experiment(name="next", spec={})
        session.add(experiment)
        session.flush()
        job = Job(experiment_id=experiment.id, epochs=1)
        session.add(job)
        session.flush()
        assert (experiment.id, job.id) == (6, 12)


@pytest.mark.parametrize("target", DIALECTS)
def test_a_database_that_is_not_empty_is_kept_unless_it_may_be_replaced(
    archive: Path, make_bare: MakeEngine, target: str, tmp_path: Path
) -> None:
    engine, place = make_bare(target), tmp_path / "new"
    migrate(engine)
    with Session(engine) as session, session.begin():
        session.add(Experiment(id=77, name="mine", spec={}))
        session.add(Worker(id="here", host="h", pid=1, device="cpu", trainers=1, versions={}))
    old = place / "job-7" / "00000009-ffffffff.safetensors"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    before = read_all(engine)
    with pytest.raises(ConflictError, match="it holds 1 rows"):
        restore(engine, place, archive)
    assert read_all(engine) == before
    assert read_files(place) == {"job-7/00000009-ffffffff.safetensors": b"old"}
    restore(engine, place, archive, replace=True)
    assert [row[0] for row in read_all(engine)["experiments"]] == [5]
    assert not old.exists()
    assert len(read_files(place)) == 4


def test_a_database_that_only_has_a_worker_is_empty(archive: Path, make_bare: MakeEngine, tmp_path: Path) -> None:
    engine = make_bare("sqlite")
    migrate(engine)
    with Session(engine) as session, session.begin():
        session.add(Worker(id="here", host="h", pid=1, device="cpu", trainers=1, versions={}))
    restore(engine, tmp_path / "new", archive)
    assert len(read_jobs(engine)) == 5


@pytest.mark.parametrize("revision", list_revisions())
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_backup_of_an_older_revision_is_brought_up(
    make_bare: MakeEngine, dialect: str, revision: str, tmp_path: Path
) -> None:
    source, engine, content = make_bare(dialect), make_bare(dialect), io.BytesIO()
    with source.begin() as connection:
        upgrade(connection, revision)
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    manifest = back_up(source, tmp_path / "none", content)
    assert manifest.revision == revision
    (tmp_path / "old.tar").write_bytes(content.getvalue())
    restore(engine, tmp_path / "new", tmp_path / "old.tar")
    with engine.connect() as connection:
        assert read_revision(connection) == find_newest_revision()
    (job,) = read_jobs(engine).values()
    assert (job.id, job.state, job.epoch, job.token, job.checkpoints) == (3, "queued", 2, None, [])
    (row,) = read_all(engine)["epochs"]
    assert row[:3] == (4, 1, 0.25)


OLD_ROWS = (
    "INSERT INTO experiments (id, name, notes, spec, created, state) "
    "VALUES (2, 'old', '', '{}', '2026-01-02 03:04:05.000006', 'running')",
    "INSERT INTO jobs (id, experiment_id, state, attempt, failures, token, epoch, epochs, cancel_requested, created) "
    "VALUES (3, 2, 'running', 1, 0, 't', 2, 4, false, '2026-01-02 03:04:05.000006')",
    "INSERT INTO runs (id, experiment_id, job_id, regularizer, strength, seed, state) "
    "VALUES (4, 2, 3, 'l2', 0.5, 0, 'running')",
    "INSERT INTO epochs (run_id, epoch, train_loss) VALUES (4, 1, 0.25)",
)


def test_a_database_of_a_newer_ridgeline_is_neither_backed_up_nor_overwritten(
    source: Engine, archive: Path, tmp_path: Path
) -> None:
    with source.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    acts: tuple[Callable[[], object], ...] = (
        lambda: back_up(source, tmp_path, io.BytesIO()),
        lambda: restore(source, tmp_path, archive, replace=True),
    )
    for act in acts:
        with pytest.raises(ArchiveError, match="database is of a newer Ridgeline"):
            act()
    assert len(read_all(source)["epochs"]) == 2501


def test_a_database_without_tables_is_not_backed_up(make_bare: MakeEngine, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="nothing to back up"):
        back_up(make_bare("sqlite"), tmp_path, io.BytesIO())


def test_tables_of_others_stay(archive: Path, make_bare: MakeEngine, tmp_path: Path) -> None:
    engine = make_bare("postgresql")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    restore(engine, tmp_path / "new", archive, replace=True)
    assert "theirs" in inspect(engine).get_table_names()


class Meanwhile(io.BytesIO):
    """A file to write a backup to, during which something else happens, once."""

    def __init__(self, happen: Callable[[], None]) -> None:
        super().__init__()
        self._happen: Callable[[], None] | None = happen

    def write(self, content: Any) -> int:
        happen, self._happen = self._happen, None
        if happen:
            happen()
        return super().write(content)


def test_a_job_that_goes_on_meanwhile_is_backed_up_as_it_was(
    source: Engine, folder: Path, make_bare: MakeEngine, tmp_path: Path
) -> None:
    before, files = read_all(source), read_files(folder)

    def go_on() -> None:
        """As a worker does it: an epoch, a checkpoint, and the older ones away."""
        with Session(source) as session, session.begin():
            job = session.get_one(Job, 7)
            job.epoch, job.checkpoints = 3, []
            session.add(Experiment(name="new", spec={}))
        for path in (folder / "job-7").iterdir():
            path.unlink()

    content = Meanwhile(go_on)
    assert back_up(source, folder, content).missing == 0
    assert read_all(source) != before
    (tmp_path / "live.tar").write_bytes(content.getvalue())
    engine = make_bare("sqlite")
    restore(engine, tmp_path / "new", tmp_path / "live.tar")
    assert read_jobs(engine)[7].epoch == 2
    assert len(read_all(engine)["experiments"]) == 1
    assert read_files(tmp_path / "new") == files


def test_checkpoints_that_are_not_there_are_counted(source: Engine, folder: Path, tmp_path: Path) -> None:
    (folder / "job-9" / "00000003-89abcdef.safetensors").unlink()
    (folder / "job-7" / "00000001-0123abcd.safetensors").unlink()
    manifest = back_up(source, folder, io.BytesIO())
    assert (manifest.missing, len(manifest.checkpoints)) == (2, 2)


def test_the_file_is_its_owners_alone_and_there_once_it_is_whole(source: Engine, folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "out" / "backup.tar"
    place.parent.mkdir()
    place.write_bytes(b"the last one")
    place.chmod(0o644)

    def fail() -> None:
        with open_target(place, force=True) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert place.read_bytes() == b"the last one"
    assert list(place.parent.iterdir()) == [place]
    with open_target(place, force=True) as file:
        back_up(source, folder, file)
        assert place.read_bytes() == b"the last one"
    assert place.stat().st_mode & 0o777 == 0o600
    assert list(place.parent.iterdir()) == [place]


def test_a_full_disk_is_told_from_an_archive_that_cannot_be_read(
    archive: Path, make_bare: MakeEngine, tmp_path: Path
) -> None:
    target, before = make_bare("sqlite"), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3, before[1]))
    try:
        with pytest.raises(ArchiveError, match=r"Checkpoints cannot be written to .*new: File too large\.$"):
            restore(target, tmp_path / "new", archive)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_comes_meanwhile_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr("os.link", refuse)
    place = tmp_path / "backup.tar"

    def race() -> None:
        with open_target(place) as file:
            file.write(b"mine")
            place.write_bytes(b"another's")

    with pytest.raises(ArchiveError, match="exists already"):
        race()
    assert place.read_bytes() == b"another's"
    assert list(tmp_path.iterdir()) == [place]
    place.unlink()
    with open_target(place) as file:
        file.write(b"mine")
    assert place.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [place]


class SlowFile(io.BytesIO):
    """As a pipe over a slow line: the first write waits."""

    def write(self, data: Any) -> int:
        if not self.tell():
            time.sleep(1.5)
        return super().write(data)


@pytest.mark.parametrize("source", ["postgresql"], indirect=True)
def test_a_slow_disk_or_pipe_ends_no_backup(source: Engine, folder: Path, tmp_path: Path) -> None:
    """PostgreSQL ends the transactions of clients that are frozen for longer than a lease lasts."""
    own = Settings(
        home=tmp_path,
        database_url=source.url.render_as_string(hide_password=False),
        lease_seconds=1,
        heartbeat_seconds=0.5,
    )
    engine = make_engine(own)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        time.sleep(1.5)
        with pytest.raises(InternalError, match="idle-in-transaction"):
            connection.execute(text("SELECT 1"))
    file = SlowFile()
    manifest = back_up(engine, folder, file)
    engine.dispose()
    assert manifest.tables["epochs"].rows > 0
    assert file.getvalue()


@pytest.mark.parametrize("target", DIALECTS)
def test_ids_deleted_before_a_backup_or_given_before_a_restore_never_come_back(
    source: Engine, folder: Path, make_bare: MakeEngine, target: str, tmp_path: Path
) -> None:
    """Pages may be open on either."""
    delete_next(source)
    content = io.BytesIO()
    back_up(source, folder, content)
    (tmp_path / "later.tar").write_bytes(content.getvalue())
    empty = make_bare(target)
    restore(empty, tmp_path / "new", tmp_path / "later.tar")
    assert add_next(empty) == (7, 13, 24)
    used = make_bare(target)
    migrate(used)
    with Session(used) as session, session.begin():
        session.add(Experiment(id=40, name="replaced", spec={}))
    delete_next(used, after=40)
    restore(used, tmp_path / "other", tmp_path / "later.tar", replace=True)
    assert add_next(used) == (42, 13, 24)


def add_next(engine: Engine) -> tuple[int, int, int]:
    """The ids of a new experiment, its job and its run."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        experiment = Experiment(name="next", spec={})
        session.add(experiment)
        session.flush()
        job = Job(experiment_id=experiment.id, epochs=1)
        session.add(job)
        session.flush()
        run = Run(experiment_id=experiment.id, job_id=job.id, regularizer="l2", strength=1.0, seed=0)
        session.add(run)
        session.flush()
        return experiment.id, job.id, run.id


def delete_next(engine: Engine, after: int = 5) -> None:
    """Give ids and take what has them away."""
    with engine.begin() as connection:
        raise_counters(connection)
    ids = add_next(engine)
    assert ids[0] == after + 1
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM experiments WHERE id = :id"), {"id": ids[0]})


def test_what_an_archive_says_of_the_search_is_not_believed(
    source: Engine, folder: Path, make_bare: MakeEngine, tmp_path: Path
) -> None:
    with source.begin() as connection:
        connection.execute(text("UPDATE experiments SET search = 'made up'"))
    content = io.BytesIO()
    back_up(source, folder, content)
    (tmp_path / "other.tar").write_bytes(content.getvalue())
    engine = make_bare("sqlite")
    restore(engine, tmp_path / "new", tmp_path / "other.tar")
    with Session(engine) as session:
        for query, count in (("NAÏVE", 1), ("made up", 0)):
            assert list_page(session, offset=0, limit=9, text=query)[1] == count
