"""Next steps: extensions of an experiment that would tell more about a regularizer, in the order of their use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from core.analysis.design import Design
from core.analysis.digits import format_strengths
from core.analysis.formatting import get_symbol
from core.analysis.resolution import Resolution
from core.analysis.selection import Selection, suggest_between, suggest_beyond

# More seeds than so many times those there are is no next step.
_MOST_TIMES = 10


@dataclass(frozen=True)
class NextStep:
    """One extension, as `POST …/extend` takes it. The API returns it as it is."""

    kind: Literal["beyond", "between", "seeds"]
    label: Annotated[str, Field(examples=["Try λ = 0.1, 1, 10 beyond the edge"])]
    strengths: Annotated[dict[str, list[float]], Field(description="to add, by the regularizer's key")]
    seeds: Annotated[int | None, Field(description="total number of seeds; null: as they are")]


def suggest_steps(
    regularizer: str,
    strengths: Sequence[float],
    selection: Selection | None,
    resolution: Resolution | None,
    *,
    design: Design,
    most_seeds: int,
    is_legal: Callable[[float], bool],
) -> list[NextStep]:
    """``strengths``: all that were tried; ``most_seeds``: 0 where seeds change nothing; ``is_legal``: of a strength."""
    if selection is None:
        return []
    steps = []
    if selection.edge is not None:
        beyond = _choose(suggest_beyond(strengths, selection.edge, regularizer), strengths, is_legal)
        steps += _add(regularizer, "beyond", beyond, "beyond the edge")
    between = _choose(suggest_between(strengths, selection.minimum.strength, regularizer), strengths, is_legal)
    steps += _add(regularizer, "between", between, "beside the best")
    seeds = design.seeds
    known = None if resolution is None or resolution.replicates is None else -(-resolution.replicates // design.folds)
    wanted = 3 if seeds * design.folds < 3 else known
    if wanted is not None and seeds < wanted <= min(most_seeds, _MOST_TIMES * seeds):
        steps.append(NextStep("seeds", f"Train {wanted} seeds in all", {}, wanted))
    return steps


def _choose(suggested: Sequence[float], known: Sequence[float], is_legal: Callable[[float], bool]) -> list[float]:
    return [strength for strength in suggested if is_legal(strength) and strength not in known]


def _add(
    regularizer: str, kind: Literal["beyond", "between"], strengths: Sequence[float], where: str
) -> list[NextStep]:
    if not strengths:
        return []
    written = ", ".join(format_strengths(strengths, regularizer))
    return [NextStep(kind, f"Try {get_symbol(regularizer)} = {written} {where}", {regularizer: list(strengths)}, None)]
