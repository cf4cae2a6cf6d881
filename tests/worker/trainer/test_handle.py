"""The trainer process: warm before its first request, obedient, and clear about why it is gone."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.catalogue.epoch_values import EpochValues
from core.planning import plan_runs
from core.settings import Settings
from core.spec import ExperimentSpec
from tests.installation import ENDLESS, SMALL
from worker.trainer.handle import TrainerHandle, TrainerStartError
from worker.trainer.messages import Crashed, End, Failed, Finished, Interrupted, Message, Saved, Started, TrainRequest
from worker.trainer.pool import TrainerPool

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainerPool]:
    home = tmp_path_factory.mktemp("home")
    pool = TrainerPool(Settings(home=home, trainers=1, device="cpu"), threading.Event())
    pool.start()
    yield pool
    pool.close()


@pytest.fixture
def trainer(pool: TrainerPool) -> Iterator[TrainerHandle]:
    taken = pool.take()
    assert taken is not None
    yield taken
    taken.settle(1)
    pool.give_back(taken)


def make_request(spec: dict[str, Any], folder: Path, **changes: Any) -> TrainRequest:
    parsed = ExperimentSpec.model_validate(spec)
    request = TrainRequest(
        number=next(numbers),
        spec=parsed.model_dump(mode="json"),
        runs=plan_runs(parsed),
        data_folder=str(folder),
        download=False,
        checkpoints=str(folder / "job-1"),
        names=[],
        mark="0123abcd",
        checkpoint_seconds=60,
        keeps_last=True,
        patience=5,
    )
    return replace(request, **changes)


def follow(trainer: TrainerHandle, seconds: float = 30) -> tuple[list[Message], End]:
    """What is said during the present request, and its end."""
    messages: list[Message] = []
    deadline = time.monotonic() + seconds
    while not messages or not isinstance(messages[-1], Finished | Interrupted | Failed | Crashed):
        assert time.monotonic() < deadline
        messages += trainer.receive(0.1)
    end = messages.pop()
    assert isinstance(end, Finished | Interrupted | Failed | Crashed)
    return messages, end


def test_a_warm_trainer_describes_its_device(pool: TrainerPool) -> None:
    assert pool.device_info is not None
    assert pool.device_info.device == "cpu"
    assert pool.device_info.memory_bytes > 2**28
    assert set(pool.device_info.versions) >= {"python", "torch", "ridgeline"}


def test_a_request_is_carried_out_epoch_by_epoch(trainer: TrainerHandle, tmp_path: Path) -> None:
    trainer.begin(make_request(SMALL, tmp_path))
    said, end = follow(trainer)
    assert said[0] == Started(0, ("hidden1", "output"))
    assert [message.epoch for message in said if isinstance(message, EpochValues)] == [1, 2, 3, 4]
    assert isinstance(end, Finished)
    assert end.test_loss.shape == (3,)
    saved = said[-1]
    assert isinstance(saved, Saved)
    assert (saved.epoch, saved.size) == (4, (tmp_path / "job-1" / saved.name).stat().st_size)


def test_it_leaves_after_its_epoch_with_a_checkpoint_and_resumes_from_there(
    trainer: TrainerHandle, tmp_path: Path
) -> None:
    trainer.begin(make_request(ENDLESS, tmp_path))
    before: list[Message] = []
    while not any(isinstance(message, EpochValues) for message in before):
        before += trainer.receive(0.1)
    trainer.ask_to_stop(at_once=False)
    after, end = follow(trainer)
    said = before + after
    assert isinstance(end, Interrupted)
    saved = said[-1]
    assert isinstance(saved, Saved)
    assert max(message.epoch for message in said if isinstance(message, EpochValues)) == saved.epoch
    trainer.begin(make_request(ENDLESS, tmp_path, names=["00000001-aaaaaaaa.safetensors", saved.name]))
    messages: list[Message] = []
    while len(messages) < 2:
        messages += trainer.receive(0.1)
    assert messages[0] == Started(saved.epoch, ("hidden1", "output"))
    assert isinstance(messages[1], EpochValues)
    assert messages[1].epoch == saved.epoch + 1


def test_a_trainer_waits_while_its_supervisor_gives_no_sign_of_life(trainer: TrainerHandle, tmp_path: Path) -> None:
    """As one that is frozen; its signs of life take this lock."""
    trainer.begin(make_request(ENDLESS, tmp_path, patience=0.5))
    while not trainer.receive(0.1):
        pass
    with trainer._sending:
        time.sleep(1)
        while trainer.receive(0.3):
            pass
        assert trainer.receive(0.5) == []
    assert any(isinstance(message, EpochValues) for message in trainer.receive(5))
    assert trainer.silence < 3


@pytest.mark.alone
def test_a_trainer_without_steps_is_silent_and_one_that_waits_is_not(trainer: TrainerHandle, tmp_path: Path) -> None:
    trainer.begin(make_request(ENDLESS, tmp_path))
    time.sleep(4)
    # It cannot say more than fits; what it said waits to be heard.
    assert trainer.silence < 2
    os.kill(trainer.process.pid, signal.SIGSTOP)
    while trainer.receive(0.3):
        pass
    time.sleep(2)
    assert trainer.silence > 2
    trainer.kill("It hung.")
    _, end = follow(trainer)
    assert end == Crashed("It hung.")


@pytest.mark.alone
def test_it_stops_when_asked_and_a_late_stop_does_not_reach_the_next_request(
    trainer: TrainerHandle, tmp_path: Path
) -> None:
    trainer.begin(make_request(ENDLESS, tmp_path))
    while not trainer.receive(0.1):
        pass
    start = time.monotonic()
    trainer.ask_to_stop()
    assert isinstance(follow(trainer)[1], Interrupted)
    assert time.monotonic() - start < 0.8
    trainer.ask_to_stop()
    trainer.begin(make_request(SMALL, tmp_path))
    assert isinstance(follow(trainer)[1], Finished)


def test_a_refused_request_leaves_the_trainer_warm(trainer: TrainerHandle, tmp_path: Path) -> None:
    trainer.begin(make_request(SMALL | {"dataset": {"name": "mnist"}}, tmp_path))
    _, end = follow(trainer)
    assert isinstance(end, Failed)
    assert "mnist" in end.error
    assert trainer.is_alive


def test_an_unexpected_error_is_reported_and_ends_the_trainer(trainer: TrainerHandle, tmp_path: Path) -> None:
    request = make_request(SMALL, tmp_path)
    trainer.begin(replace(request, spec=request.spec | {"epochs": "no number"}))
    _, end = follow(trainer)
    assert isinstance(end, Failed)
    assert "ValidationError" in end.error
    assert not trainer.is_alive


def test_a_killed_trainer_says_how(trainer: TrainerHandle, tmp_path: Path) -> None:
    """It is the one that took the place of the last, too."""
    trainer.begin(make_request(ENDLESS, tmp_path))
    while not trainer.receive(0.1):
        pass
    os.kill(trainer.process.pid, signal.SIGKILL)
    _, end = follow(trainer)
    assert isinstance(end, Crashed)
    assert end.cause.startswith("The trainer process was killed by SIGKILL (often the system, when memory runs out).")
    assert not trainer.is_alive


def test_a_trainer_that_cannot_start_says_why() -> None:
    trainer = TrainerHandle("no such device")
    with pytest.raises(TrainerStartError, match=r"(?s)did not start.*exit status 1.*no such device"):
        trainer.wait_warm(30)
    trainer.close()
