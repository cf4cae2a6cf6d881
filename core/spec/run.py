"""PlannedRun: one run of the sweep."""

from __future__ import annotations

from dataclasses import dataclass

# Streams of a split: more than there are seeds.
STREAMS = 2**31


@dataclass(frozen=True)
class PlannedRun:
    """One training: (regularizer, strength, seed, split). ``regularizer`` is the key of RegularizerBase, or ``none``.

    ``split``: which of the splits of its seed: the fold, from 0; 0 where a seed has one. Seed and split together are
    the replicate, by which runs of different strengths are paired.
    """

    regularizer: str
    strength: float
    seed: int
    split: int = 0

    @property
    def stream(self) -> int:
        """What its random numbers are drawn by: the same for every run of the replicate, of the first split the seed.

        Of each fold others, so that not all folds of a seed share the luck of one start.
        """
        return self.split * STREAMS + self.seed
