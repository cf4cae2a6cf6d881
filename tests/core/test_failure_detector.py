"""Silence is told by change alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.failure_detector import FailureDetector

GAP = 7.0


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_who_changes_is_never_silent_and_who_does_not_is_after_that_long() -> None:
    clock = Clock()
    detector = FailureDetector[str, int](GAP, clock)
    for turn in range(5):
        detector.look({"lives": turn, "dead": 0})
        clock.time += 5
    assert detector.find_silence("lives") == 0
    assert detector.list_silent(20) == {"dead": 0}
    assert detector.list_silent(20.1) == {}
    detector.look({"lives": 4})
    assert detector.find_silence("dead") is None


def test_an_observer_that_was_frozen_takes_nobody_for_dead() -> None:
    clock = Clock()
    detector = FailureDetector[str, int](GAP, clock)
    detector.look({"a": 0})
    clock.time += 3600
    detector.look({"a": 0})
    assert detector.find_silence("a") == GAP


def test_a_restart_forgives_and_those_seen_first_may_have_been_silent_before() -> None:
    clock = Clock()
    detector = FailureDetector[str, int](GAP, clock)
    detector.look({"a": 0, "b": 0}, {"a": 3600.0})
    assert detector.list_silent(60) == {"a": 0}
    clock.time += 5
    detector.look({"a": 0, "b": 0}, {"a": 0.0, "b": 3600.0})
    assert (detector.find_silence("a"), detector.find_silence("b")) == (3605.0, 5.0)
    detector.restart()
    clock.time += 1
    detector.look({"a": 0, "b": 1})
    assert (detector.find_silence("a"), detector.find_silence("b")) == (1.0, 0.0)


LOOKS = st.lists(st.tuples(st.floats(0, 100), st.dictionaries(st.integers(0, 3), st.integers(0, 1))), max_size=30)


@given(looks=LOOKS)
def test_silence_is_the_time_since_the_last_change_but_for_gaps(looks: list[tuple[float, dict[int, int]]]) -> None:
    clock = Clock()
    detector = FailureDetector[int, int](GAP, clock)
    silence: dict[int, float] = {}
    before: dict[int, int] = {}
    for seconds, marks in looks:
        clock.time += seconds
        detector.look(marks)
        silence = {
            key: silence[key] + min(seconds, GAP) if before.get(key) == mark else 0.0 for key, mark in marks.items()
        }
        before = marks
        for key in range(4):
            found, expected = detector.find_silence(key), silence.get(key)
            assert (found is None) == (expected is None)
            assert found is None or expected is None or abs(found - expected) < 1e-6
