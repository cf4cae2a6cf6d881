"""Runs and strengths that ended before the last epoch, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import Field

from core.analysis.formatting import label_regularizer, split_key
from core.analysis.outcome import Ended
from core.spec import BASELINE
from core.spec.regularizer import EarlyStopping
from core.spec.stopping import Reason


class EarlyEnd(Ended, Protocol):
    """The end of a run, with the reason of one that was stopped."""

    @property
    def stopped_by(self) -> str | None: ...


@dataclass(frozen=True)
class Stops:
    """Runs or strengths of one regularizer that ended early, for one reason. The API returns it as it is.

    Under halving, ``of`` counts the strengths that had trained until then, and each epoch of halving is one entry.
    """

    by: Reason
    regularizer: str
    unit: Annotated[
        Literal["strengths", "runs"], Field(description="unit of `count` and `of`; strengths under halving")
    ]
    first: Annotated[int, Field(description="first epoch of an early end")]
    last: Annotated[int, Field(description="last epoch of an early end")]
    count: int
    of: int
    sentence: Annotated[str, Field(examples=["Successive halving stopped 4 of 6 strengths of L1 at epoch 10."])]


def summarize_stops(runs: Iterable[EarlyEnd]) -> list[Stops]:
    """By regularizer, as they first appear; of each, halvings by epoch, then early stopping, then tolerance."""
    groups: dict[str, list[EarlyEnd]] = {}
    for run in runs:
        groups.setdefault(run.regularizer, []).append(run)
    return [stops for key, own in groups.items() for stops in (*_list_halvings(key, own), *_list_others(key, own))]


def _list_halvings(key: str, runs: Sequence[EarlyEnd]) -> list[Stops]:
    found = []
    for epoch in sorted({run.stopped_epoch or 0 for run in runs if run.stopped_by == "halving"}):
        stopped = {run.strength for run in runs if run.stopped_by == "halving" and run.stopped_epoch == epoch}
        ranked = stopped | {run.strength for run in runs if _trains_after(run, epoch)}
        label, of = label_regularizer(key), len(ranked)
        sentence = f"Successive halving stopped {len(stopped)} of {of} strengths of {label} at epoch {epoch}."
        found.append(Stops("halving", key, "strengths", epoch, epoch, len(stopped), of, sentence))
    return found


def _trains_after(run: EarlyEnd, epoch: int) -> bool:
    return all(end is None or end > epoch for end in (run.diverged_epoch, run.stopped_epoch))


def _list_others(key: str, runs: Sequence[EarlyEnd]) -> list[Stops]:
    found = []
    reasons: tuple[Reason, ...] = ("early_stopping", "tolerance")
    for by in reasons:
        epochs = [run.stopped_epoch or 0 for run in runs if run.stopped_by == by]
        if epochs:
            first, last = min(epochs), max(epochs)
            sentence = _describe(by, key, len(epochs), len(runs), first, last)
            found.append(Stops(by, key, "runs", first, last, len(epochs), len(runs), sentence))
    return found


def _describe(by: Reason, key: str, count: int, of: int, first: int, last: int) -> str:
    whose = "the baseline" if key == BASELINE else label_regularizer(key)
    when = f"at epoch {first}" if first == last else f"at epochs {first} to {last}"
    noun = "run" if of == 1 else "runs"
    which = f"{count} of {of} {noun} of {whose}"
    if by == "tolerance":
        return f"{which} reached the tolerance {when}."
    if split_key(key)[0] == EarlyStopping.get_name():
        which = f"{count} of its {of} {noun}"
    return f"Early stopping ended {which} {when}."
