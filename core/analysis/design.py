"""The design of an experiment: which rows its replicates share, and what that makes of an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SOURCE = "Nadeau & Bengio 2003"
JACKKNIFE = "the jackknife over folds, Efron & Stein 1981"


@dataclass(frozen=True)
class Design:
    """``seeds`` × ``folds`` replicates. ``has_test``: whether any rows are apart that judge.

    ``is_nested``: each replicate has test examples of its own, else all have the same. ``is_exact``: a run follows from
    its rows alone, as an optimum does. ``correction`` c of replicates whose rows overlap, since they are drawn from the
    same data: the variance of their mean is s²·(1/K + c). See ``correct_folds`` and ``correct_draws``.
    """

    split: Literal["fixed", "by_seed", "folds"] = "fixed"
    seeds: int = 1
    folds: int = 1
    is_nested: bool = False
    is_exact: bool = False
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
            rows = "No rows are kept apart for testing, and those that chose a strength cannot judge it"
            return f"{rows}: chosen, not judged."
        if self.split == "fixed":
            return "About these rows only: all seeds train, validate and test on the same split."
        if self.split == "folds":
            return (
                f"Each of {self.folds} folds validated what the others trained; all are judged on the same test rows. "
                f"Folds share training rows, so the interval is widened ({JACKKNIFE if self.is_exact else SOURCE})."
            )
        if not self.correction:
            return "Each seed trained, validated and tested on data of its own."
        tested = "tested on rows of its own" if self.is_nested else "was tested on the same rows"
        return (
            f"Each seed drew its own rows to train and validate on, and {tested}. "
            f"They are drawn from the same data, so the interval is widened ({SOURCE})."
        )


FIXED = Design()


def correct_draws(left_out: int, others: int) -> float:
    """Of rows drawn anew for each replicate: those left out of training per row that is not.

    Nadeau & Bengio 2003, Mach. Learn. 52:239, by their estimate of the correlation of replicates.
    """
    return left_out / others


def correct_folds(k: int, *, is_exact: bool) -> float:
    """Of k folds, whose training sets have (k − 2)/(k − 1) of their rows in common.

    Of exact optima that is the correlation of replicates, and the variance of their mean that of the jackknife, which
    is (k − 1)²/k · s² and rather too large than too small (Efron & Stein 1981, Ann. Stat. 9:586). Of others most of s²
    is noise that no two folds share; then as ``correct_draws``.
    """
    return float(k - 2) if is_exact else correct_draws(1, k - 1)
