"""What differs between specs, field by field, and what is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from core.analysis.digits import format_strengths
from core.analysis.formatting import format_strength, label_regularizer
from core.catalogue import DATASETS, NETWORKS, OPTIMIZERS, SCHEDULES
from core.catalogue.splits import SPLITS
from core.spec import ExperimentSpec
from core.spec.regularizer import RegularizerSpec

# What a user writes about an experiment is no part of what is trained.
_ANNOTATIONS = ("name", "notes", "tags")
_MOST_LISTED = 8
# A part that is chosen by name goes by its own label.
_NAME = ".name"
# Where none is written, all are meant.
_ALL = ("dataset.train_examples",)
# Numbers below are written as powers of ten.
_SMALL = 1e-3
_LABELS: dict[str, dict[str, str]] = {
    part: {name: record.label for name, record in records.items()}
    for part, records in (
        ("dataset", DATASETS), ("network", NETWORKS), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES),
        ("dataset.split", SPLITS),
    )
}  # fmt: skip


@dataclass(frozen=True)
class SpecField:
    """One field, with its value in each experiment as text. The API returns it as it is."""

    path: Annotated[str, Field(examples=["dataset.train_examples", "regularizers.l2"])]
    label: Annotated[str, Field(examples=["Data, training examples"])]
    values: Annotated[
        list[str | None], Field(description="in the order of the experiments; null: this one has no such field")
    ]


@dataclass(frozen=True)
class SpecDifferences:
    """The fields of several specs, in the order of the form."""

    differing: list[SpecField]
    same: list[SpecField]


def compare_specs(specs: Sequence[ExperimentSpec], label: Callable[[str], str]) -> SpecDifferences:
    """``label``: the form's words for a path."""
    listed = [dict(_list_fields(spec)) for spec in specs]
    differing: list[SpecField] = []
    same: list[SpecField] = []
    for path in _merge_orders([list(fields) for fields in listed]):
        values = [own.get(path) for own in listed]
        field = SpecField(path, _label(path, label), _tell_apart(values))
        (differing if len(set(values)) > 1 else same).append(field)
    return SpecDifferences(differing, same)


@dataclass(frozen=True)
class _Value:
    """``exact`` decides whether two are the same; ``text`` may leave something out."""

    exact: str
    text: str


def _tell_apart(values: Sequence[_Value | None]) -> list[str | None]:
    """As text, or exactly where the texts would not show a difference."""
    known = {value for value in values if value is not None}
    is_clear = len({value.text for value in known}) == len(known)
    return [None if value is None else value.text if is_clear else value.exact for value in values]


def _label(path: str, label: Callable[[str], str]) -> str:
    kind, _, key = path.partition(".")
    if kind == "regularizers":
        return f"{label_regularizer(key)}, strengths"
    return f"{label_regularizer(key)} on every run" if kind == "fixed" else label(path.removesuffix(_NAME))


def _merge_orders(orders: Sequence[Sequence[str]]) -> list[str]:
    """All paths, by part as in the spec, each after those that stand before it in its own order."""
    merged: list[str] = []
    for order in orders:
        place = 0
        for name in order:
            if name in merged:
                place = merged.index(name) + 1
            else:
                merged.insert(place, name)
                place += 1
    parts = list(ExperimentSpec.model_fields)
    return sorted(merged, key=lambda path: parts.index(path.partition(".")[0]))


def _list_fields(spec: ExperimentSpec) -> Iterator[tuple[str, _Value]]:
    """By path. Regularizers go by their keys: their places in the lists are no difference."""
    for name, value in spec.model_dump(mode="json").items():
        if name in _ANNOTATIONS:
            continue
        if name == "regularizers":
            yield from ((f"{name}.{own.key}", _write_strengths(own)) for own in spec.regularizers)
        elif name == "fixed":
            yield from ((f"{name}.{own.key}", _write_strengths(own)) for own in spec.fixed)
        elif name == "seeds":
            yield name, _Value(str(sorted(spec.list_seeds())), _write_seeds(spec.list_seeds()))
        else:
            yield from _flatten(name, value)


def _flatten(path: str, value: Any) -> Iterator[tuple[str, _Value]]:
    if isinstance(value, Mapping):
        # What it is comes before how it is set.
        for name in sorted(value, key=lambda name: name != "name"):
            yield from _flatten(f"{path}.{name}", value[name])
    else:
        part = path.removesuffix(_NAME)
        text = _write(value) if part == path else _label_choice(part, value)
        if value is None and path in _ALL:
            text = "all"
        yield path, _Value(str(value), text)


def _label_choice(part: str, name: str) -> str:
    return _LABELS.get(part, {}).get(name, name)


def _write(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        if 0 < value < _SMALL:
            return format_strength(value)
        return f"{value:.12g}".replace("-", "−")
    if isinstance(value, list):
        return ", ".join(_write(each) for each in value) or "none"
    return str(value)


def _write_strengths(regularizer: RegularizerSpec) -> _Value:
    """All of few; of many how many, from where to where."""
    strengths = sorted(set(regularizer.values()))
    texts = format_strengths(strengths, regularizer.key)
    exact = ", ".join(repr(strength) for strength in strengths)
    if len(texts) <= _MOST_LISTED:
        return _Value(exact, ", ".join(texts))
    return _Value(exact, f"{len(texts)} from {texts[0]} to {texts[-1]}")


def _write_seeds(seeds: Sequence[int]) -> str:
    """``3: 0 to 2`` for consecutive ones."""
    ordered = sorted(seeds)
    if len(ordered) > 1 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{len(ordered)}: {ordered[0]} to {ordered[-1]}"
    return f"{len(ordered)}: {', '.join(map(str, ordered))}"
