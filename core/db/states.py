"""The states of jobs and runs, and the legal transitions between them."""

from __future__ import annotations

from enum import StrEnum

from core.errors import TransitionError


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIVERGED = "diverged"  # of a run; of an ended experiment: most of its runs, or a run of its baseline, diverged


TERMINAL = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED, State.DIVERGED})

JOB_TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: frozenset({State.QUEUED, State.COMPLETED, State.FAILED, State.CANCELLED}),
    # By an extension to more epochs.
    State.COMPLETED: frozenset({State.QUEUED}),
    State.FAILED: frozenset({State.QUEUED}),
    State.CANCELLED: frozenset({State.QUEUED}),
}

RUN_TRANSITIONS: dict[State, frozenset[State]] = {
    **JOB_TRANSITIONS,
    State.RUNNING: JOB_TRANSITIONS[State.RUNNING] | {State.DIVERGED},
    # A diverged run's job continues; a rewind to before that epoch revives the run.
    State.DIVERGED: frozenset({State.RUNNING}),
}


def check_transition(noun: str, table: dict[State, frozenset[State]], old: State, new: State) -> None:
    """Raise TransitionError unless ``old`` → ``new`` is in ``table``."""
    if new not in table[old]:
        legal = ", ".join(sorted(table[old])) or "nothing: it has ended"
        raise TransitionError(
            f"A {noun} that is {old} cannot become {new}.",
            field="state",
            expected=f"one of: {legal}",
            received=str(new),
        )


def summarize_states(states: list[State], *, is_sound: bool = True) -> State:
    """The state of an experiment from those of its jobs, which are never ``diverged``.

    ``is_sound``: whether a completed experiment counts as completed, not diverged; see ``core.analysis.outcome``.
    """
    if not states:
        return State.QUEUED
    kinds = set(states)
    if State.RUNNING in kinds:
        return State.RUNNING
    if State.QUEUED in kinds:
        return State.QUEUED if kinds == {State.QUEUED} else State.RUNNING
    for state in (State.FAILED, State.CANCELLED):
        if state in kinds:
            return state
    return State.COMPLETED if is_sound else State.DIVERGED
