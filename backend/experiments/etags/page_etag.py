"""The entity tag of a page of the experiments list, from the data that the page depends on."""

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
from core.db.queries.runs import read_fingerprints
from core.db.states import TERMINAL

_VERSION = version("ridgeline")
_COLUMNS = [column.key for column in inspect(Experiment).mapper.column_attrs]


def compute_page_etag(session: Session, experiments: Sequence[Experiment], total: int) -> str:
    """The entity tag of the page of these experiments, out of ``total``: of their columns, tags and fingerprints.

    Runs and epochs change with the fingerprints only. The tag is weak, since responses may be compressed.
    """
    fingerprints = read_fingerprints(session, [experiment.id for experiment in experiments])
    rows = [
        (
            *(getattr(experiment, name) for name in _COLUMNS),
            sorted(tag.tag for tag in experiment.tags),
            fingerprints[experiment.id],
            _tick(experiment, fingerprints[experiment.id]),
        )
        for experiment in experiments
    ]
    content = orjson.dumps([_VERSION, total, rows], option=orjson.OPT_NON_STR_KEYS)
    return f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def _tick(experiment: Experiment, fingerprints: Sequence[Sequence[Any]]) -> int:
    """The second, for an experiment that runs: its page shows the time elapsed."""
    has_begun = any(attempt for _, _, attempt, *_ in fingerprints)
    return int(time.time()) if has_begun and experiment.state not in TERMINAL else 0


def matches_etag(tag: str, given: str | None) -> bool:
    """Whether an ``If-None-Match`` header holds ``tag``, by weak comparison."""
    known = [one.strip().removeprefix("W/") for one in (given or "").split(",")]
    return tag.removeprefix("W/") in known or known == ["*"]
