"""Labels of a spec's fields: the page's words for the API's paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.catalogue import REGULARIZERS
from core.catalogue.form_fields import label_field

_PARTS = {
    "dataset": "Data",
    "network": "Network",
    "optimizer": "Optimizer",
    "schedule": "Learning-rate schedule",
    "halving": "Successive halving",
}
_ENDS = {"from": "first strength", "to": "last strength", "count": "number of strengths", "scale": "spacing"}
_ITEMS = {"strengths": "strength", "seeds": "Seed", "tags": "Tag"}
_LISTS = {"regularizers": "Regularizer", "fixed": "Fixed regularizer"}
_WHOLE = {"regularizers": "Regularizers", "fixed": "On every run"}


def label_path(field: str | None, body: Any = None) -> str | None:
    """The label of a path: `L1, first strength` for `regularizers.0.strengths.from`. ``body``: the request body.

    None where the field is not part of a body.
    """
    path = (field or "body").split(".")
    if path == ["body"] or not all(path):
        return None
    first, *rest = path
    if first in _LISTS:
        return _name_regularizer(first, rest, body)
    if first in _PARTS:
        return _join(_PARTS[first], _name_parameter(rest)) if rest and rest != ["name"] else _PARTS[first]
    return _capitalize(_name_parameter(path))


def _name_regularizer(kind: str, rest: Sequence[str], body: Any) -> str:
    if not rest:
        return _WHOLE[kind]
    index, *rest = rest
    subject = _find_label(kind, index, body) or f"{_LISTS[kind]} {_count(index)}"
    on_every_run = " on every run" if kind == "fixed" and not subject.startswith("Fixed") else ""
    return _join(subject + on_every_run, _name_parameter(rest)) if rest and rest != ["name"] else subject + on_every_run


def _find_label(kind: str, index: str, body: Any) -> str | None:
    try:
        return REGULARIZERS[body[kind][int(index)]["name"]].label
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _name_parameter(path: Sequence[str]) -> str:
    """The label of the path's last named part, with its number in a list."""
    *before, last = path
    if last.isdecimal() and before:
        return f"{_ITEMS.get(before[-1], _name_parameter(before))} {_count(last)}"
    return _ENDS[last] if before[-1:] == ["strengths"] and last in _ENDS else label_field(last)


def _count(index: str) -> str:
    """The index, counted from 1."""
    return str(int(index) + 1) if index.isdecimal() and len(index) < 10 else index


def _join(subject: str, rest: str) -> str:
    return f"{subject}, {rest[0].lower()}{rest[1:]}"


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
