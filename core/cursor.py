"""Cursors: how far a reader has come in each job of an experiment.

``7:40:1,8:38:1`` says: epoch 40 of job 7 and epoch 38 of job 8, both in their first attempt. Epochs are counted per job
because row ids commit out of order on PostgreSQL. The attempt may be left out; a job that is not named is at epoch 0.
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
    """An epoch of an attempt; ``attempt`` is None where a cursor did not say."""

    epoch: int
    attempt: int | None = None


class JobLike(Protocol):
    """What a cursor is made of: core.db.models.Job has it."""

    id: int
    epoch: int
    attempt: int


class InvalidCursorError(InvalidSpecError):
    """A cursor that this API did not give."""

    code = "invalid_cursor"


def parse_cursor(text: str | None, field: str = "after") -> dict[int, Place]:
    """By job id: how far the reader has come. Raises InvalidCursorError."""
    places = {}
    for part in (text or "").split(","):
        match = _PART.fullmatch(part.strip())
        if match:
            job, epoch, attempt = match.groups()
            places[int(job)] = Place(int(epoch), int(attempt) if attempt else None)
        elif part.strip():
            raise InvalidCursorError(
                "A cursor is a list of job:epoch:attempt, parted by commas.",
                field=field,
                expected="a cursor that this API gave, such as 7:40:1,8:38:1",
                received=text,
            )
    return places


def format_cursor(jobs: Iterable[JobLike]) -> str:
    """The cursor of a reader who has everything that these jobs have recorded."""
    return write_cursor({job.id: Place(job.epoch, job.attempt) for job in jobs})


def write_cursor(places: dict[int, Place]) -> str:
    parts = []
    for job, place in sorted(places.items()):
        attempt = "" if place.attempt is None else f":{place.attempt}"
        parts.append(f"{job}:{place.epoch}{attempt}")
    return ",".join(parts)


def must_restart(place: Place, job: JobLike) -> bool:
    """Whether what a reader has of this job is of an attempt whose rows are gone."""
    other = place.attempt is not None and place.attempt != job.attempt
    return place.epoch > 0 and (other or place.epoch > job.epoch)
