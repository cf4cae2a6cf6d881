"""Learning-rate schedules: the factor on the optimizer's learning rate at each step. Pure."""

from __future__ import annotations

from math import cos, pi

from core.spec import CosineSchedule, ScheduleSpec, StepSchedule


def compute_factor(schedule: ScheduleSpec, step: int, steps_per_epoch: int, epochs: int) -> float:
    """The factor of optimizer step ``step`` of the whole training, from 0, as torch's schedulers stepped once a step.

    Of ``warm`` whole steps of warm-up, step t takes (t + 1) / (warm + 1), so that none is lost on a rate of 0 and the
    first one after them has the whole rate: LinearLR. The schedule proper counts from there: CosineAnnealingLR with
    T_max the steps that are left, so that its end is reached after the last step; StepLR with ``every`` epochs of
    steps. Sources: Loshchilov & Hutter 2017, arXiv 1608.03983; warm-up: Goyal et al. 2017, arXiv 1706.02677.
    """
    warm = round(schedule.warmup_epochs * steps_per_epoch)
    if step < warm:
        return (step + 1) / (warm + 1)
    past = step - warm
    match schedule:
        case CosineSchedule(final=final):
            return final + (1 - final) * (1 + cos(pi * past / (steps_per_epoch * epochs - warm))) / 2
        case StepSchedule(every=every, factor=factor):
            return float(factor ** (past // (every * steps_per_epoch)))
        case _:
            return 1.0
