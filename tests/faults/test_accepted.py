"""What was answered 201 is done, once, however often the API dies."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import select

from core.db.models import Experiment
from tests.faults.api import Api
from tests.faults.figures import Trial
from tests.faults.scale import FULL, promise
from tests.installation import Installation
from tests.servers import LIMITS

TINY = {
    "dataset": {"name": "digits", "train_examples": 16},
    "network": {"name": "linear"},
    "optimizer": {"name": "sgd"},
    "regularizers": [{"name": "l2", "strengths": [0.1]}],
    "epochs": 1,
    "seeds": 1,
}
CLIENTS = 3
# How many API processes start while another is in use.
AHEAD = 2 if FULL else 1


@dataclass
class Address:
    """Where the API is; None while it is dead."""

    url: str | None = None
    over: bool = False


@dataclass
class Client(threading.Thread):
    """Posts one experiment after the other. With a key it asks until it is answered, without one it cannot know."""

    number: int
    address: Address
    random: random.Random
    accepted: dict[str, int] = field(default_factory=dict)
    without_key: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    cut_off: int = 0
    unknown: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        turn = 0
        while not self.address.over:
            turn += 1
            keyed = self.random.random() < 0.75
            self.post(f"client-{self.number}-{turn}" if keyed else None)
            time.sleep(self.random.uniform(0, 0.05))

    def post(self, key: str | None) -> None:
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            url = self.address.url
            if url is None:
                time.sleep(0.005)
                if self.address.over and key is None:
                    return
                continue
            try:
                with httpx.Client(base_url=url, trust_env=False, timeout=20, limits=LIMITS) as http:
                    answer = http.post("/api/experiments", json=TINY, headers=headers)
            except httpx.ConnectError:
                continue
            except httpx.TransportError:
                self.cut_off += 1
                if key is None:
                    self.unknown += 1
                    return
                continue
            self.statuses[answer.status_code] += 1
            made = answer.json()["id"]
            if key:
                self.accepted[key] = made
            else:
                self.without_key.append(made)
            return


@promise("accepted means durable", small=4, full=200, minutes=60)
def test_accepted_means_durable(
    installation: Installation, worker: subprocess.Popen[bytes], tmp_path: Path, trial: Trial
) -> None:
    """``number``: of API processes that are killed after none to three answers, while others are on their way."""
    settings, log = installation.settings, tmp_path / "api.log"
    before = set(installation.read(lambda s: s.execute(select(Experiment.id)).scalars()))
    address = Address()
    clients = [Client(number, address, random.Random(trial.random.random())) for number in range(CLIENTS)]
    starting = [Api(settings, log) for _ in range(AHEAD)]
    for client in clients:
        client.start()
    try:
        for _ in range(trial.number):
            starting.append(Api(settings, log))
            api = starting.pop(0).wait()
            address.url = api.url
            await_answers(clients, trial.random.choice((0, 1, 1, 2, 3)))
            time.sleep(trial.random.uniform(0, 0.1))
            api.kill()
            address.url = None
        address.url = starting[0].wait().url
        address.over = True
        for client in clients:
            client.join(60)
            assert not client.is_alive()
    finally:
        for api in starting:
            api.close()
    judge(installation, clients, before, trial)


def await_answers(clients: list[Client], count: int) -> None:
    """Until the clients have had so many more, or a while is over."""

    def count_answers() -> int:
        return sum(client.statuses.total() for client in clients)

    before, deadline = count_answers(), time.monotonic() + 10
    while count_answers() < before + count and time.monotonic() < deadline:
        time.sleep(0.001)


def judge(installation: Installation, clients: list[Client], before: set[int], trial: Trial) -> None:
    by_key = {key: made for client in clients for key, made in client.accepted.items()}
    accepted = {*by_key.values(), *(made for client in clients for made in client.without_key)}
    statuses = sum((client.statuses for client in clients), Counter[int]())

    def read_states() -> dict[int, tuple[str, str | None]]:
        found = select(Experiment.id, Experiment.state, Experiment.idempotency_key)
        rows = installation.read(lambda s: s.execute(found).all())
        return {row.id: (row.state, row.idempotency_key) for row in rows if row.id not in before}

    installation.wait(lambda: all(state == "completed" for state, _ in read_states().values()), 600)
    states = read_states()
    keys = Counter(key for _, key in states.values() if key)
    twice = [key for key, count in keys.items() if count > 1]
    unknown = sum(client.unknown for client in clients)
    strangers = states.keys() - accepted
    trial.see(
        kills=trial.number,
        answered_201=statuses[201],
        answered_200_to_a_key_sent_again=statuses[200],
        cut_off_in_a_POST=sum(client.cut_off for client in clients),
        experiments=len(states),
        completed=sum(state == "completed" for state, _ in states.values()),
        accepted_and_missing=len(accepted - states.keys()),
        twice=len(twice) + len(by_key) - len(set(by_key.values())),
        made_by_POSTs_without_key_that_were_cut_off=f"{len(strangers)} of {unknown}",
    )
    assert set(statuses) <= {200, 201}
    assert accepted <= states.keys()
    assert twice == []
    assert {key: states[made][1] for key, made in by_key.items()} == {key: key for key in by_key}
    assert all(states[stranger][1] is None for stranger in strangers)
    assert len(strangers) <= unknown
    assert accepted
