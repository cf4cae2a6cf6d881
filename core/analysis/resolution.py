"""What would settle a comparison that is open: more replicates, more test examples, or neither."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from core.analysis.crossed_interval import NORMAL, CrossedDifference

# Beyond this a number of replicates or examples is no advice.
_MOST = 10_000_000


@dataclass(frozen=True)
class Resolution:
    """A forecast from the components of variance of the pairs there are. The API returns it as it is.

    Half widths are of a 95 % interval around the difference, in the metric's unit; a difference that is smaller is not
    shown.
    """

    half_width: Annotated[float, Field(description="now")]
    with_all_replicates: Annotated[float, Field(description="with endlessly many replicates on this test set")]
    with_all_examples: Annotated[float, Field(description="with endlessly many test examples for these replicates")]
    replicates: Annotated[int | None, Field(description="replicates that would show this difference; null: none would")]
    examples: Annotated[int | None, Field(description="test examples that would; null: none would")]


def find_resolution(found: CrossedDifference) -> Resolution | None:
    """None where there is no interval, and so no forecast."""
    parts = found.components
    if parts is None or found.interval is None:
        return None
    count, examples = found.replicates, found.examples
    # The variance that an interval of just this difference's half width has.
    wanted = (found.mean / NORMAL) ** 2
    turns = 1 / count + parts.correction
    per_replicate = parts.replicate + parts.rest / examples
    return Resolution(
        half_width=parts.project_half_width(count, examples),
        with_all_replicates=parts.project_half_width(math.inf, examples),
        with_all_examples=parts.project_half_width(count, math.inf),
        replicates=_count(per_replicate, wanted - parts.example / examples - per_replicate * parts.correction, count),
        examples=_count(parts.example + parts.rest * turns, wanted - parts.replicate * turns, examples),
    )


def _count(share: float, room: float, present: int) -> int | None:
    """How many, at least one more than ``present``, bring ``share`` / n below the variance that is left for it."""
    if room <= 0 or share / room > _MOST:
        return None
    return max(present + 1, math.floor(share / room) + 1)
