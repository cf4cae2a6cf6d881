"""The power is cut, all at once, and what was not on the disk is gone: nothing is that was promised."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.models import Experiment, Job, Run
from core.spec import ExperimentSpec, PlannedRun
from tests.faults.figures import Trial
from tests.faults.hands import Hand, Promised, list_broken
from tests.faults.houses import House
from tests.faults.scale import FULL, promise
from tests.faults.undisturbed import Undisturbeds, list_differences, make_undisturbeds
from tests.installation import SMALL, Installation
from worker.training.checkpoint import InvalidCheckpointError, read_checkpoint

HANDS, PAUSE = (3, 0.1) if FULL else (2, 0.4)
LONG = SMALL | {"name": "long", "epochs": 1_500 if FULL else 600}


def read_epochs(session: Session) -> dict[tuple[int, int], int]:
    """By experiment and job: the epoch of the newest checkpoint that the database names."""
    rows = session.execute(select(Job.experiment_id, Job.id, Job.checkpoints)).all()
    return {(row.experiment_id, row.id): row.checkpoints[0]["epoch"] for row in rows if row.checkpoints}


def list_unusable(session: Session, folder: Path) -> list[str]:
    """Checkpoints that the database names and that no job could go on from."""
    unusable = []
    for job_id, checkpoints in session.execute(select(Job.id, Job.checkpoints)).all():
        rows = session.execute(select(Run).where(Run.job_id == job_id).order_by(Run.id)).scalars()
        runs = [PlannedRun(run.regularizer, run.strength, run.seed) for run in rows]
        for checkpoint in checkpoints:
            try:
                read_checkpoint(folder / f"job-{job_id}" / checkpoint["name"], runs, "cpu")
            except (OSError, InvalidCheckpointError) as error:
                unusable.append(f"job {job_id}: {checkpoint['name']}: {error}")
    return unusable


def list_states(session: Session) -> dict[int, tuple[str, str]]:
    """By experiment: its name and state."""
    return {row.id: (row.name, row.state) for row in session.execute(select(Experiment)).scalars()}


@promise("the power is cut", small=1, full=8, minutes=20, seconds=280)
def test_what_was_promised_survives_a_power_cut(house: House, trial: Trial, tmp_path: Path) -> None:
    """``number``: cuts, while people work and a sweep trains; then everything comes to its end, bit for bit."""
    promised: dict[int, Promised] = {}
    answers, longs, registered = Counter[str](), set[int](), 0
    with make_undisturbeds(tmp_path / "undisturbed") as undisturbed:
        undisturbed.begin("long", ExperimentSpec.model_validate(LONG))
        for _ in range(trial.number):
            hands, seen = live(house, trial, longs)
            for hand in hands:
                hand.join(30)
                assert not hand.is_alive()
                assert hand.error == ""
                promised |= hand.promised
                answers += hand.answers
            house.restore()
            assert house.read(partial(list_broken, promised=promised)) == []
            assert house.read(lambda s: list_unusable(s, house.checkpoints)) == []
            # What a hand deleted between the look and the cut is rightly gone.
            states = house.read(list_states)
            kept = {key: -1 for key in seen if key[0] in states} | house.read(read_epochs)
            assert {key: epoch for key, epoch in seen.items() if kept.get(key, epoch) < epoch} == {}
            registered += len(seen)
        differences = finish(house, longs, undisturbed, tmp_path)
    trial.see(cuts=trial.number, checkpoints_named_at_the_cuts=registered, **answers)
    assert differences == []
    assert promised
    assert registered


def live(house: House, trial: Trial, longs: set[int]) -> tuple[list[Hand], dict[tuple[int, int], int]]:
    """Work in the house until the power is cut; those who did, and what the database named just before."""
    with house.run() as api, api.connect() as http:
        hands = [Hand(api.url, number, random.Random(trial.random.random()), pause=PAUSE) for number in range(HANDS)]
        states = house.read(list_states)
        if all(states[key][1] == "completed" for key in longs):
            longs.add(http.post("/api/experiments", json=LONG).json()["id"])
        newest = max(longs)
        began = read_progress(http, newest)
        wait(lambda: read_progress(http, newest) > began and house.read(read_epochs))
        for hand in hands:
            hand.start()
        wait(lambda: all(hand.promised or hand.error for hand in hands))
        time.sleep(trial.random.uniform(0.3, 3))
        seen = house.read(read_epochs)
        house.cut()
    return hands, seen


def wait(done: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


def read_progress(http: httpx.Client, experiment: int) -> int:
    done: int = http.get(f"/api/experiments/{experiment}").json()["progress"]["epochs_done"]
    return done


def finish(house: House, longs: set[int], undisturbed: Undisturbeds, folder: Path) -> list[str]:
    """All that is left comes to its end; what is not as if nothing had happened."""
    ended = {"completed", "cancelled"}
    with house.run():
        deadline = time.monotonic() + (300 if FULL else 120)
        while {state for _, state in house.read(list_states).values()} - ended and time.monotonic() < deadline:
            time.sleep(0.2)
        states = house.read(list_states)
        assert {key: state for key, state in states.items() if state[1] not in ended} == {}
        installation = Installation(house.settings, folder / "none")
        try:
            expected = undisturbed.get("long")
            return [each for key in longs for each in list_differences(installation, key, expected)]
        finally:
            installation.close()
