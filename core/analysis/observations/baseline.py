"""What the baseline's curves do: whether its validation loss turns up, and whether it learns by heart."""

from __future__ import annotations

import numpy as np

from core.analysis.crossed_interval import compare_replicates
from core.analysis.design import FIXED, Design
from core.analysis.digits import format_scores
from core.analysis.observations.observation import Ends, Matrix, Observation, write_numbers

# A rise below this share of the lowest loss is too small to be called one.
_LEAST_RISE = 0.05
# The lowest loss lies at the end where it lies in this last share of the epochs.
_LAST = 0.05
# Shares of training examples: all but this many are right; and so many more than of the validation examples.
_ALL_RIGHT, _LEAST_LEAD = 0.995, 0.05


def observe_turn(validation: Matrix, *, complete: bool, design: Design = FIXED) -> Observation | None:
    """``validation``: losses (replicates, epochs), from epoch 1 on; ``complete``: no epoch is to come.

    The lowest of many noisy losses is low by luck. So each replicate's rise is counted from the epoch at which the mean
    of the others is lowest, and it is a rise only where Student's t over replicates tells it from 0. Replicates choose
    for one another, hence the correction of Nadeau & Bengio 2003.
    """
    replicates, epochs = validation.shape
    if replicates < 2 or epochs < 2 or not np.isfinite(validation).all():
        return None
    mean = validation.mean(0)
    turn = int(np.argmin(mean))
    rise = compare_replicates(_cross_fit(validation), correction=max(1 / (replicates - 1), design.correction))
    if rise is not None and rise.low > 0 and mean[-1] - mean[turn] >= _LEAST_RISE * abs(mean[turn]):
        numbers = {"lowest": float(mean[turn]), "end": float(mean[-1]), "low": rise.low, "high": rise.high}
        lowest, end, low, high = write_numbers(list(numbers.values()))
        sentence = (
            f"Baseline: the validation loss turns up at epoch {turn + 1}, {lowest} → {end} at epoch {epochs} "
            f"(mean of {design.count(replicates)}; a rise of {low} to {high}, 95 % interval)."
        )
        more = {"epoch": float(turn + 1), "last_epoch": float(epochs), "seeds": float(replicates)}
        return Observation("over_fitting", "validation_loss", None, None, more | numbers, sentence)
    if not complete or turn + 1 <= (1 - _LAST) * epochs:
        return None
    [lowest] = write_numbers([float(mean[turn])])
    sentence = (
        f"Baseline: the validation loss is lowest at epoch {turn + 1} of {epochs}, with {lowest} (mean of "
        f"{design.count(replicates)}): there is no over-fitting to be seen, and longer training may lower it."
    )
    numbers = {"epoch": turn + 1.0, "last_epoch": float(epochs), "lowest": float(mean[turn])}
    return Observation("still_falling", "validation_loss", None, None, numbers | {"seeds": float(replicates)}, sentence)


def observe_by_heart(ends: Ends, train: Matrix, design: Design = FIXED) -> Observation | None:
    """``ends``: of the baseline; ``train``: its training accuracies (replicates, epochs), from epoch 1 on."""
    replicates = len(ends)
    if replicates < 2 or train.shape[0] != replicates or not np.isfinite(train).all():
        return None
    learnt = float(np.mean([end.train_score for end in ends.values()]))
    held = float(np.mean([end.validation_score for end in ends.values()]))
    leads = np.array([end.train_score - end.validation_score for end in ends.values()])
    lead = compare_replicates(leads, design.correction)
    if learnt < _ALL_RIGHT or lead is None or lead.low <= 0 or learnt - held < _LEAST_LEAD:
        return None
    epoch = int(np.argmax(train.mean(0) >= _ALL_RIGHT)) + 1
    of_train, of_validation = format_scores([learnt, held], "classification")
    sentence = (
        f"Baseline: it learns the training examples by heart, {of_train} right at the end and {_ALL_RIGHT:.1%} from "
        f"epoch {epoch} on; of the validation examples {of_validation} (mean of {design.count(replicates)})."
    ).replace("99.5%", "99.5 %")
    numbers = {"epoch": float(epoch), "train_score": learnt, "validation_score": held, "seeds": float(replicates)}
    return Observation("by_heart", "train_score", None, None, numbers, sentence)


def _cross_fit(validation: Matrix) -> Matrix:
    total, count = validation.sum(0), len(validation)
    turns = [int(np.argmin((total - own) / (count - 1))) for own in validation]
    rises: Matrix = np.array([own[-1] - own[turn] for own, turn in zip(validation, turns, strict=True)])
    return rises
