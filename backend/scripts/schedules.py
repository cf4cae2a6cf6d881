"""The part of each learning-rate schedule: a factor on the learning rate, step by step."""

from __future__ import annotations

from backend.scripts.parts import Definition
from core.spec import CosineSchedule, ScheduleSpec, StepSchedule


def describe_schedule(schedule: ScheduleSpec, steps_per_epoch: int, epochs: int) -> list[Definition]:
    """``scheduler``, to be stepped after each step; nothing where the learning rate stays what it is."""
    warm = round(schedule.warmup_epochs * steps_per_epoch)
    match schedule:
        case CosineSchedule(final=final):
            total = max(1, steps_per_epoch * epochs - warm)
            wave = f"(1 + math.cos(math.pi * (step - {warm}) / {total})) / 2"
            proper = f"{final!r} + {1 - final!r} * {wave}" if final else wave
        case StepSchedule(every=every, factor=factor):
            proper = f"{factor!r} ** ((step - {warm}) // {every * steps_per_epoch})"
        case _:
            proper = "1.0"
    if proper == "1.0" and not warm:
        return []
    first = f"    if step < {warm}:  # the warm-up\n        return (step + 1) / {warm + 1}\n" if warm else ""
    text = f'def find_factor(step):\n    """Of the learning rate, at each step from 0."""\n{first}    return {proper}'
    scheduler = "scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, find_factor)"
    return [Definition("", text.replace("(step - 0)", "step")), Definition("", scheduler)]
