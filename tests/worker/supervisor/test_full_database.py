"""A worker whose database is full says so, waits, and continues."""

from __future__ import annotations

import pytest

from core.db.disk_space import FULL
from tests import full_disk
from tests.installation import ENDLESS, Installation


@pytest.mark.parametrize("stack", ["compose"], indirect=True)
def test_a_job_says_that_the_database_is_full_while_it_is(installation: Installation) -> None:
    """On PostgreSQL, which has room for a notice; for what SQLite does see tests/faults."""
    installation.start_worker()
    experiment = installation.submit(ENDLESS)
    installation.wait_for_rows(experiment)
    full_disk.fill(installation.settings.database_url)
    installation.wait(lambda: installation.job(experiment).notice == FULL)
    stood = installation.job(experiment).epoch
    full_disk.make_room(installation.settings.database_url)
    installation.wait(lambda: installation.job(experiment).epoch > stood)
    installation.wait(lambda: installation.job(experiment).notice is None)
    installation.cancel(experiment)
    installation.wait_for_state(experiment, "cancelled")
    job = installation.job(experiment)
    assert (job.attempt, job.failures) == (1, 0)
    assert list(installation.epochs(experiment).values()) == [list(range(job.epoch + 1))] * 3
    assert "The disk of the database is full, waiting for it" in installation.log.read_text()
