"""A backup made in mid-training, restored into the other kind of database: its jobs go on, to the same curves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.archive.backup import back_up
from core.archive.restore import restore
from core.archive.writer import open_target
from core.db.engine import make_engine
from core.db.models import EpochRow, Run
from core.settings import Settings
from tests.conftest import drop_database, make_database, migrate_database
from tests.installation import SMALL, Installation

SWEEP = SMALL | {"optimizer": {"name": "adam", "learning_rate": 0.01}, "epochs": 600}
CELLS = [column for column in EpochRow.__table__.columns if column.name not in ("run_id", "seconds")]


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """Two installations with nothing in common, the second on the other kind of database."""
    server: str = request.getfixturevalue("postgres_server")
    urls = [make_database(server), f"sqlite:///{tmp_path / 'ridgeline.db'}"]
    places = zip(("a", "b"), urls if request.param == "postgresql" else urls[::-1], strict=True)
    made = []
    for name, url in places:
        (tmp_path / name).mkdir()
        quick: dict[str, Any] = {"trainers": 1, "checkpoint_seconds": 0.2, "reconcile_seconds": 0.5}
        settings = Settings(home=tmp_path / name, database_url=url, broker_url="filesystem://", **quick)
        migrate_database(url, settings.home)
        made.append(Installation(settings, settings.home))
    yield made[0], made[1]
    for installation in made:
        installation.close()
    drop_database(server, urls[0])


def read_curves(installation: Installation, experiment: int) -> list[tuple[Any, ...]]:
    chosen = (
        select(Run.regularizer, Run.strength, Run.seed, *CELLS)
        .join(Run, Run.id == EpochRow.run_id)
        .where(Run.experiment_id == experiment)
        .order_by(Run.regularizer, Run.strength, Run.seed, EpochRow.epoch)
    )
    return installation.read(lambda s: [tuple(row) for row in s.execute(chosen)])


def test_what_was_training_goes_on_elsewhere_to_the_same_curves(
    pair: tuple[Installation, Installation], tmp_path: Path
) -> None:
    source, target = pair
    source.start_worker()
    experiment = source.submit(SWEEP)
    source.wait(lambda: source.job(experiment).checkpoints)
    engine = make_engine(source.settings)
    with open_target(tmp_path / "backup.tar") as file:
        assert source.settings.checkpoint_folder is not None
        manifest = back_up(engine, source.settings.checkpoint_folder, file)
    engine.dispose()
    saved = source.job(experiment)
    assert manifest.missing == 0
    assert saved.state == "running"

    engine = make_engine(target.settings)
    assert target.settings.checkpoint_folder is not None
    restore(engine, target.settings.checkpoint_folder, tmp_path / "backup.tar")
    engine.dispose()
    restored = target.job(experiment)
    assert (restored.state, restored.failures) == ("queued", 0)
    assert restored.checkpoints[0]["epoch"] > 0
    target.start_worker()
    for installation in pair:
        installation.wait_for_state(experiment, "completed", 120)
    job = target.job(experiment)
    # It began where its newest checkpoint was, not at the start.
    assert job.attempt == 2
    assert all(epoch == restored.checkpoints[0]["epoch"] for _, epoch in job.rewinds)
    curves = read_curves(target, experiment)
    # With epoch 0, the state before the first step.
    assert len(curves) == 3 * (1 + SWEEP["epochs"])
    assert curves == read_curves(source, experiment)
