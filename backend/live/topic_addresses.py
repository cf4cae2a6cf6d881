"""Topic addresses: ``12/curves?x=seconds`` is a figure set of experiment 12; others are ``12/state``, ``12/runs``."""

from __future__ import annotations

import re
from typing import Any, get_args
from urllib.parse import parse_qs

from pydantic import ValidationError

from backend.figures.request import FigureName, FigureQuery
from backend.live.experiment_topics import RunsTopic, StateTopic
from backend.live.figure_topic import FigureTopic
from backend.live.topic import Topic
from backend.state import AppState
from core.errors import InvalidSpecError

_ADDRESS = re.compile(r"([1-9]\d{0,9})/([a-z]+)(?:\?(.*))?")
_FIGURES: tuple[FigureName, ...] = get_args(FigureName)
_MANY = ("regularizer",)
# The largest id: PostgreSQL's integer.
_MAX_ID = 2**31 - 1


class InvalidTopicError(InvalidSpecError):
    """An unknown topic address."""

    code = "invalid_topic"


def find_topic(app_state: AppState, text: str) -> tuple[Topic, str]:
    """The topic of an address, and the version after its ``#``, empty if none. Raises InvalidTopicError."""
    address, _, version = text.partition("#")
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match[1]) > _MAX_ID:
        raise _refuse(text)
    experiment_id, name, query = int(match[1]), match[2], match[3] or ""
    figure = next((figure for figure in _FIGURES if figure == name), None)
    if figure is not None:
        return find_figure(app_state, experiment_id, figure, _parse_query(query, text)), version
    kind = {"state": StateTopic, "runs": RunsTopic}.get(name)
    if kind is None or query:
        raise _refuse(text)
    return app_state.broadcaster.find(address, lambda: kind(address, experiment_id, app_state.readers)), version


def find_figure(app_state: AppState, experiment_id: int, figure: FigureName, query: FigureQuery) -> FigureTopic:
    """The topic of a figure set: one for all readers with the same query."""
    written = query.write()
    address = f"{experiment_id}/{figure}" + (f"?{written}" if written else "")

    def make() -> FigureTopic:
        return FigureTopic(address, experiment_id, app_state.readers, app_state.figures, figure, query)

    topic = app_state.broadcaster.find(address, make)
    assert isinstance(topic, FigureTopic)
    return topic


def _parse_query(query: str, text: str) -> FigureQuery:
    values: dict[str, Any] = parse_qs(query, keep_blank_values=True)
    single = {key: own if key in _MANY else own[-1] for key, own in values.items()}
    try:
        return FigureQuery.model_validate(single)
    except ValidationError as error:
        raise _refuse(text) from error


def _refuse(text: str) -> InvalidTopicError:
    return InvalidTopicError(
        "This is not a topic.",
        field="topics",
        expected="an address that an answer of this API gave, such as 12/curves?x=seconds, 12/state or 12/runs",
        received=text,
    )
