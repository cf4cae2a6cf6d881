"""An id is given once: whatever was deleted, the next experiment, job and run get ids of their own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Experiment, Job, Run
from core.db.queries import experiments
from core.errors import StaleVersionError
from core.spec import ExperimentSpec

Sessions = sessionmaker[Session]
SPEC = ExperimentSpec.model_validate(
    {"dataset": {"name": "digits"}, "network": {"name": "linear"}, "optimizer": {"name": "sgd"}, "name": "first"}
)


def make(sessions: Sessions) -> dict[str, set[int]]:
    """Create an experiment; the ids of all that it is."""
    with sessions.begin() as session:
        experiment_id, job_ids = experiments.create(session, SPEC, slots=2)
        runs = session.query(Run.id).filter(Run.experiment_id == experiment_id)
        return {"experiments": {experiment_id}, "jobs": set(job_ids), "runs": {row.id for row in runs}}


def delete(sessions: Sessions, experiment_id: int) -> None:
    with sessions.begin() as session:
        experiments.delete(session, experiment_id)


def test_ids_of_deleted_experiments_never_come_back(sessions: Sessions) -> None:
    given: dict[str, set[int]] = {"experiments": set(), "jobs": set(), "runs": set()}
    for _ in range(4):
        made = make(sessions)
        for table, ids in made.items():
            assert not given[table] & ids, table
            given[table] |= ids
        delete(sessions, *made["experiments"])
    with sessions() as session:
        assert all(session.query(table).count() == 0 for table in (Experiment, Job, Run))


def test_ids_do_not_come_back_after_a_restart(engine: Engine, sessions: Sessions) -> None:
    made = make(sessions)
    delete(sessions, *made["experiments"])
    engine.dispose()
    again = make(sessions)
    assert all(min(again[table]) > max(made[table]) for table in made)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_counts_the_ids_that_it_has_given(engine: Engine) -> None:
    with engine.connect() as connection:
        for table in ("experiments", "jobs", "runs"):
            written = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
            assert "AUTOINCREMENT" in written.scalar_one()
    # And what SQLite keeps for it is no table of ours.
    assert "sqlite_sequence" not in inspect(engine).get_table_names()


def test_an_edit_of_a_version_that_is_no_more_is_refused(sessions: Sessions) -> None:
    (experiment_id,) = make(sessions)["experiments"]
    with sessions.begin() as session:
        seen = experiments.get(session, experiment_id).version
        experiments.annotate(session, experiment_id, name="hers", versions=[seen])
    with pytest.raises(StaleVersionError) as refused, sessions.begin() as session:
        experiments.annotate(session, experiment_id, name="his", versions=[seen])
    assert (refused.value.version, refused.value.name, refused.value.received) == (seen + 1, "hers", f'"{seen}"')
    with pytest.raises(StaleVersionError), sessions.begin() as session:
        experiments.delete(session, experiment_id, versions=[seen])
    with sessions.begin() as session:
        experiment = experiments.annotate(session, experiment_id, name="his", versions=[seen, seen + 1])
        assert (experiment.name, experiment.version) == ("his", seen + 2)
        experiments.delete(session, experiment_id, versions=[seen + 2])


def test_the_version_counts_edits_and_nothing_else(sessions: Sessions) -> None:
    (experiment_id,) = make(sessions)["experiments"]
    with sessions.begin() as session:
        seen = experiments.get(session, experiment_id).version
        # What is already so is no edit, and is not refused: its answer may have been lost.
        already: tuple[dict[str, Any], ...] = ({"name": "first"}, {"tags": []}, {"notes": ""}, {})
        for same in already:
            assert experiments.annotate(session, experiment_id, **same).version == seen
        assert experiments.annotate(session, experiment_id, name="first", versions=[seen + 9]).version == seen
        assert experiments.annotate(session, experiment_id, notes="more").version == seen + 1
        assert experiments.annotate(session, experiment_id, tags=["b", "a"]).version == seen + 2
        assert experiments.annotate(session, experiment_id, tags=["a", "b"]).version == seen + 2
