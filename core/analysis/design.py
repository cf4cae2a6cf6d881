"""The design of an experiment: which rows its replicates share, and what that makes of an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SOURCE = "Nadeau & Bengio 2003"


@dataclass(frozen=True)
class Design:
    """``seeds`` × ``folds`` replicates. ``has_test``: whether any rows are apart that judge.

    ``is_nested``: each replicate has test examples of its own, else all have the same. ``correction``: of replicates
    whose rows overlap, since they are drawn from the same data: examples left out of a replicate's training per example
    that is not (Nadeau & Bengio 2003, Mach. Learn. 52:239).
    """

    split: Literal["fixed", "by_seed", "folds"] = "fixed"
    seeds: int = 1
    folds: int = 1
    is_nested: bool = False
    correction: float = 0.0
    has_test: bool = True

    @property
    def unit(self) -> str:
        """What a replicate is called."""
        if self.split != "folds":
            return "seed"
        return "fold" if self.seeds == 1 else "replicate"

    def count(self, replicates: int) -> str:
        """``3 seeds``, ``10 folds``, ``3 seeds × 10 folds``."""
        if self.split == "folds" and self.seeds > 1 and replicates == self.seeds * self.folds:
            return f"{self.seeds} seeds × {self.folds} folds"
        return f"{replicates:,} {self.unit}{'' if replicates == 1 else 's'}"

    def describe(self) -> str:
        """What an answer is about."""
        if not self.has_test:
            rows = "no rows are kept apart for testing, and those that chose a strength cannot judge it"
            return f"Chosen, not judged: {rows}."
        if self.split == "fixed":
            return "About these rows only: all seeds train, validate and test on the same split."
        if self.split == "folds":
            return (
                f"Each of {self.folds} folds validated what the others trained; all are judged on the same test rows. "
                f"Folds share training rows, so the interval is widened ({SOURCE})."
            )
        if not self.correction:
            return "Each seed trained, validated and tested on data of its own."
        tested = "tested on rows of its own" if self.is_nested else "was tested on the same rows"
        return (
            f"Each seed drew its own rows to train and validate on, and {tested}. "
            f"They are drawn from the same data, so the interval is widened ({SOURCE})."
        )


FIXED = Design()
