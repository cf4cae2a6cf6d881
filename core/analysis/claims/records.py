"""The textbook's claims: one record each, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from core.analysis.claims.overfitting import measure_gap, measure_turn
from core.analysis.claims.smoothness import measure_relative_roughness, measure_roughness
from core.analysis.claims.speed import measure_fall, measure_rise
from core.analysis.claims.trajectory import Measurement, Trajectory
from core.analysis.claims.weights import measure_largest, measure_norm, measure_zeros

Unit = Literal["epochs", "loss", "ratio", "share", "norm"]
ClaimName = Literal[
    "fall_half",
    "fall_most",
    "rise_half",
    "rise_most",
    "roughness",
    "relative_roughness",
    "gap",
    "turn",
    "zeros",
    "norm",
    "largest_weight",
]
# A run's number, beside the baseline's run of the same replicate.
Measure = Callable[[Trajectory, Trajectory], Measurement | None]


@dataclass(frozen=True)
class Claim:
    """``number``: what is measured; ``rises``: whether the claim is that it rises with the strength.

    ``{score}`` in a text is the training accuracy, or R².
    """

    name: ClaimName
    title: str
    number: str
    rises: bool
    unit: Unit
    measure: Measure

    def describe(self, task: str) -> tuple[str, str]:
        """Title and number for a task."""
        score = "training accuracy" if task == "classification" else "training R²"
        return self.title.format(score=score), self.number.format(score=score)


def _alone(measure_run: Callable[[Trajectory], Measurement | None]) -> Measure:
    return lambda run, _: measure_run(run)


_SLOW_LOSS, _SLOW_SCORE = "The training loss falls more slowly", "The {score} rises more slowly"
_SMOOTH, _LESS = "The curves run smoother", "There is less over-fitting"
_HALF, _MOST = 0.5, 0.9

CLAIMS: tuple[Claim, ...] = (
    Claim("fall_half", _SLOW_LOSS, "epochs until half of the baseline's fall of the training loss", True, "epochs",
          partial(measure_fall, share=_HALF)),
    Claim("fall_most", _SLOW_LOSS, "epochs until 90 % of the baseline's fall of the training loss", True, "epochs",
          partial(measure_fall, share=_MOST)),
    Claim("rise_half", _SLOW_SCORE, "epochs until half of the baseline's rise of the {score}", True, "epochs",
          partial(measure_rise, share=_HALF)),
    Claim("rise_most", _SLOW_SCORE, "epochs until 90 % of the baseline's rise of the {score}", True, "epochs",
          partial(measure_rise, share=_MOST)),
    Claim("roughness", _SMOOTH, "standard deviation of the minibatch loss around its moving mean", False, "loss",
          _alone(measure_roughness)),
    Claim("relative_roughness", _SMOOTH, "the same over the level of the loss", False, "ratio",
          _alone(measure_relative_roughness)),
    Claim("gap", _LESS, "validation loss less training loss, at the end", False, "loss", _alone(measure_gap)),
    Claim("turn", _LESS, "rise of the validation loss above its own minimum", False, "loss", _alone(measure_turn)),
    Claim("zeros", "Weights become exactly zero", "share of weights that are exactly zero", True, "share",
          _alone(measure_zeros)),
    Claim("norm", "The weights become small", "norm of the weights ‖w‖₂", False, "norm", _alone(measure_norm)),
    Claim("largest_weight", "No weight becomes large", "largest weight |w|", False, "norm", _alone(measure_largest)),
)  # fmt: skip
