"""One class per way to split a data set into training, validation and test rows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_FOLDS = 100

# A seed and a fold, that tell the rows of replicates from those of others.
RowsKey = tuple[int, int]


class SplitBase(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @property
    def varies_by_seed(self) -> bool:
        """Whether seeds differ in their rows."""
        return self.find_rows(0, 0) != self.find_rows(1, 0)

    def count(self) -> int:
        """How many splits each seed trains on."""
        return 1

    def find_rows(self, seed: int, split: int) -> RowsKey:
        """The same for the replicates that have the same rows."""
        return 0, 0

    def name_replicate(self, seed: int, split: int) -> str:
        """``3``, or with folds ``3/0``."""
        return str(seed) if self.count() == 1 else f"{seed}/{split}"


class FixedSplit(SplitBase):
    """The same rows for all runs: an answer is about these rows only."""

    name: Literal["fixed"]
    shuffled: bool = Field(
        default=True,
        description="Draw the rows with the split seed. In order, the first rows train, the next validate, and the "
        "last ones test.",
    )


class SplitBySeed(SplitBase):
    """Each seed draws its own rows: those of the fixed split with the split seed + the seed."""

    name: Literal["by_seed"]

    def find_rows(self, seed: int, split: int) -> RowsKey:
        return seed, 0


class Folds(SplitBase):
    """Cross-validation: each fold validates what the others have trained. Test rows are the same for all folds.

    The folds are those of scikit-learn's ``KFold(k)``, shuffled of ``KFold(k, shuffle=True, random_state=…)`` with the
    split seed + the seed, so that each seed repeats the cross-validation with folds of its own. They are of all rows
    that do not test, in their order.
    """

    name: Literal["folds"]
    k: int = Field(default=10, ge=2, le=MAX_FOLDS, description="How many folds, each of which validates once.")
    shuffled: bool = Field(
        default=True, description="Draw the folds, anew for each seed. In order, the first fold has the first rows."
    )

    def count(self) -> int:
        return self.k

    def find_rows(self, seed: int, split: int) -> RowsKey:
        return (seed if self.shuffled else 0), split


SplitSpec = Annotated[FixedSplit | SplitBySeed | Folds, Field(discriminator="name")]
