"""Tells whether a page of the list is what it was, without making it: an entity tag from what its rows depend on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import orjson
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from core.db.models import Experiment
from core.db.queries.runs import list_marks
from core.db.states import TERMINAL

_VERSION = version("ridgeline")
_COLUMNS = [column.key for column in inspect(Experiment).mapper.column_attrs]


def mark_page(session: Session, experiments: Sequence[Experiment], total: int) -> str:
    """The tag of the page that holds these, out of ``total``: all columns of theirs, their tags, their jobs' marks.

    What runs and epochs say changes with the marks only. It is weak, since an answer may be compressed.
    """
    marks = list_marks(session, [experiment.id for experiment in experiments])
    rows = [
        (
            *(getattr(experiment, name) for name in _COLUMNS),
            sorted(tag.tag for tag in experiment.tags),
            marks[experiment.id],
            _tick(experiment, marks[experiment.id]),
        )
        for experiment in experiments
    ]
    content = orjson.dumps([_VERSION, total, rows], option=orjson.OPT_NON_STR_KEYS)
    return f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def _tick(experiment: Experiment, marks: Sequence[Sequence[Any]]) -> int:
    """What has begun and not ended says how long it takes, which changes from second to second."""
    has_begun = any(attempt for _, _, attempt, *_ in marks)
    return int(time.time()) if has_begun and experiment.state not in TERMINAL else 0


def is_known(tag: str, given: str | None) -> bool:
    """Whether ``tag`` is among those of an ``If-None-Match``; weakly compared, as is right for reading."""
    known = [one.strip().removeprefix("W/") for one in (given or "").split(",")]
    return tag.removeprefix("W/") in known or known == ["*"]
