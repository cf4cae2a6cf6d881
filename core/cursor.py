"""Cursors: a reader's position in each job of an experiment.

``7:40:0,8:38:1`` means epoch 40 of job 7, and epoch 38 of job 8 after one rewind: a worker died, and recorded epochs
are trained again from a checkpoint. Epochs are counted per job because row ids commit out of order on PostgreSQL. The
number of rewinds may be omitted; a job that is not listed is at epoch 0.
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
    """An epoch, and the job's number of rewinds when it was read; None if the cursor omits it."""

    epoch: int
    rewinds: int | None = None


class JobLike(Protocol):
    """The fields of core.db.models.Job that a cursor needs."""

    id: int
    epoch: int
    rewinds: list[list[int]]


class InvalidCursorError(InvalidSpecError):
    """An invalid cursor."""

    code = "invalid_cursor"


def parse_cursor(text: str | None, field: str = "after") -> dict[int, Place]:
    """The position by job id. Raises InvalidCursorError."""
    places = {}
    for part in (text or "").split(","):
        match = _PART.fullmatch(part.strip())
        if match:
            job, epoch, rewinds = match.groups()
            places[int(job)] = Place(int(epoch), int(rewinds) if rewinds else None)
        elif part.strip():
            raise InvalidCursorError(
                "A cursor is a list of job:epoch:rewinds, separated by commas.",
                field=field,
                expected="a cursor that this API gave, such as 7:40:0,8:38:1",
                received=text,
            )
    return places


def format_cursor(jobs: Iterable[JobLike]) -> str:
    """The cursor of a reader who has everything recorded of these jobs."""
    return write_cursor({job.id: Place(job.epoch, len(job.rewinds)) for job in jobs})


def write_cursor(places: dict[int, Place]) -> str:
    parts = []
    for job, place in sorted(places.items()):
        rewinds = "" if place.rewinds is None else f":{place.rewinds}"
        parts.append(f"{job}:{place.epoch}{rewinds}")
    return ",".join(parts)


def find_valid(place: Place, job: JobLike) -> int:
    """The last epoch at or before ``place`` that is still valid: later ones were rewound.

    Without a number of rewinds, every epoch that the job has recorded counts as valid.
    """
    since = [] if place.rewinds is None else job.rewinds[place.rewinds :]
    return min(place.epoch, job.epoch, *(epoch for _, epoch in since))
