"""Cursors: how far a reader has come in each job of an experiment.

``7:40:0,8:38:1`` says: epoch 40 of job 7, and epoch 38 of job 8 after that was rewound once: a worker died, and epochs
that were recorded are trained again from a checkpoint on. Epochs are counted per job because row ids commit out of
order on PostgreSQL. The number of rewinds may be left out; a job that is not named is at epoch 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from core.errors import InvalidSpecError

_PART = re.compile(r"(\d{1,10}):(\d{1,10})(?::(\d{1,10}))?")


@dataclass(frozen=True)
class Place:
    """An epoch, and how often the job had been rewound when it was read; None where a cursor did not say."""

    epoch: int
    rewinds: int | None = None


class JobLike(Protocol):
    """What a cursor is made of: core.db.models.Job has it."""

    id: int
    epoch: int
    rewinds: list[list[int]]


class InvalidCursorError(InvalidSpecError):
    """A cursor that this API did not give."""

    code = "invalid_cursor"


def parse_cursor(text: str | None, field: str = "after") -> dict[int, Place]:
    """By job id: how far the reader has come. Raises InvalidCursorError."""
    places = {}
    for part in (text or "").split(","):
        match = _PART.fullmatch(part.strip())
        if match:
            job, epoch, rewinds = match.groups()
            places[int(job)] = Place(int(epoch), int(rewinds) if rewinds else None)
        elif part.strip():
            raise InvalidCursorError(
                "A cursor is a list of job:epoch:rewinds, parted by commas.",
                field=field,
                expected="a cursor that this API gave, such as 7:40:0,8:38:1",
                received=text,
            )
    return places


def format_cursor(jobs: Iterable[JobLike]) -> str:
    """The cursor of a reader who has everything that these jobs have recorded."""
    return write_cursor({job.id: Place(job.epoch, len(job.rewinds)) for job in jobs})


def write_cursor(places: dict[int, Place]) -> str:
    parts = []
    for job, place in sorted(places.items()):
        rewinds = "" if place.rewinds is None else f":{place.rewinds}"
        parts.append(f"{job}:{place.epoch}{rewinds}")
    return ",".join(parts)


def find_valid(place: Place, job: JobLike) -> int:
    """The last epoch of what a reader has of this job that still stands: the rest was taken back.

    A reader whose cursor did not say how often the job was rewound is trusted as far as the job has come.
    """
    since = [] if place.rewinds is None else job.rewinds[place.rewinds :]
    return min(place.epoch, job.epoch, *(epoch for _, epoch in since))
