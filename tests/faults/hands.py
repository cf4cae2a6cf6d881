"""People who submit, rename, cancel and delete, one thing after the other, and remember what they were promised."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.models import Experiment, Job
from tests.servers import LIMITS

TINY = {
    "dataset": {"name": "digits", "train_examples": 16},
    "network": {"name": "linear"},
    "optimizer": {"name": "sgd"},
    "regularizers": [{"name": "l2", "strengths": [0.1]}],
    "epochs": 1,
    "seeds": 1,
}
MAYBE = "maybe"


@dataclass
class Promised:
    """Of one experiment: the names that it may have, and whether it is cancelled and deleted, or perhaps is."""

    names: set[str]
    cancelled: bool | str = False
    deleted: bool | str = False


@dataclass
class Hand(threading.Thread):
    """Works until it is cut off, which leaves one thing of which it knows not whether it was done."""

    url: str
    number: int
    random: random.Random
    promised: dict[int, Promised] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    pause: float = 0.1
    over: bool = False
    error: str = ""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        with httpx.Client(base_url=self.url, trust_env=False, timeout=20, limits=LIMITS) as http:
            while not self.over:
                try:
                    self.act(http)
                except httpx.TransportError:
                    return
                time.sleep(self.random.uniform(0, self.pause))

    def act(self, http: httpx.Client) -> None:
        left = [key for key, promised in self.promised.items() if not promised.deleted]
        what = self.random.choices((self.submit, self.rename, self.cancel, self.delete), (6, 2, 1, 1))[0]
        if what == self.submit or not left:
            self.submit(http)
        else:
            what(http, self.random.choice(left))  # type: ignore[call-arg]  # submit is none of these

    def submit(self, http: httpx.Client) -> None:
        answer = self.take("submit", lambda: http.post("/api/experiments", json=TINY))
        if answer:
            self.promised[answer["id"]] = Promised({answer["name"]})

    def rename(self, http: httpx.Client, key: int) -> None:
        name, promised = f"{self.number} {time.monotonic()}", self.promised[key]
        promised.names.add(name)
        if self.take("rename", lambda: http.patch(f"/api/experiments/{key}", json={"name": name})):
            promised.names = {name}

    def cancel(self, http: httpx.Client, key: int) -> None:
        promised = self.promised[key]
        promised.cancelled = promised.cancelled or MAYBE
        answer = self.take("cancel", lambda: http.post(f"/api/experiments/{key}/cancel"))
        if answer:
            # What had come to its end before has nothing to cancel.
            promised.cancelled = answer["state"] == "cancelled" or answer["cancel_requested"] or MAYBE

    def delete(self, http: httpx.Client, key: int) -> None:
        promised = self.promised[key]
        promised.deleted = MAYBE
        answer = self.take("delete", lambda: http.delete(f"/api/experiments/{key}"))
        if answer is not None:
            promised.deleted = True
        elif not self.over:
            promised.deleted = False

    def take(self, what: str, ask: Callable[[], httpx.Response]) -> dict[str, Any] | None:
        """What was answered; None where it was refused. Raises where nobody answered."""
        answer = ask()
        if answer.status_code in (409, 500, 503, 507):
            # Running, or the disk was away in the middle of it: then nothing is known of it.
            self.over = answer.status_code != 409
            self.answers[f"{what}_{answer.status_code}"] += 1
            return None
        if not answer.is_success:
            self.error = f"{what}: {answer.status_code} {answer.text}"
        self.answers[what] += 1
        return answer.json() if answer.content else {}


def list_broken(session: Session, promised: dict[int, Promised]) -> list[str]:
    """What was promised and is not so."""
    names = {row.id: row.name for row in session.execute(select(Experiment.id, Experiment.name))}
    asked = set(session.execute(select(Job.experiment_id).where(Job.cancel_requested)).scalars())
    broken = []
    for key, one in promised.items():
        if key not in names:
            broken += [f"experiment {key} is gone"] if not one.deleted else []
        elif one.deleted is True:
            broken.append(f"experiment {key} was deleted, and is there")
        elif names[key] not in one.names:
            broken.append(f"experiment {key} is called {names[key]!r} instead of one of {one.names}")
        elif one.cancelled is True and key not in asked:
            broken.append(f"experiment {key} was cancelled, and is not")
    return broken
