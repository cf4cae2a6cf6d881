"""Numbers that differ are never written alike, and those that stand apart keep the few digits that they need."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.analysis.digits import format_scores, format_strengths, tell_apart
from core.analysis.formatting import format_strength

STRENGTHS = st.floats(1e-12, 1e6) | st.sampled_from([0.0, 1e-3, 0.1, 10**-3.5])
# Neighbours: numbers that differ in their last digits only.
CLOSE = st.builds(lambda base, steps: [base * (1 + step * 2.0**-50) for step in steps], STRENGTHS, st.lists(
    st.integers(0, 2**30), max_size=6))  # fmt: skip


@pytest.mark.parametrize(
    ("strengths", "texts"),
    [
        (
            [0.001, 0.00100001, 0.00100002, 0.00100003, 0.00100004],
            ["10⁻³", "1.00001·10⁻³", "1.00002·10⁻³", "1.00003·10⁻³", "1.00004·10⁻³"],
        ),
        ([0.1001, 0.1002], ["0.1001", "0.1002"]),
        ([1e-3, 10**-2.5, 1e-2], ["10⁻³", "10⁻²·⁵", "10⁻²"]),
        ([10**-2.5, 10**-2.5 * (1 + 1e-10)], ["10⁻²·⁵", "3.1622776605·10⁻³"]),
        ([0.5, 0.1234, 0.12341], ["0.5", "0.1234", "0.12341"]),
    ],
)
def test_strengths_have_as_many_digits_as_tell_them_apart(strengths: list[float], texts: list[str]) -> None:
    assert format_strengths(strengths, "l1") == texts


@given(st.lists(STRENGTHS, max_size=8) | CLOSE, st.sampled_from(["l1", "dropout", "early_stopping"]))
@example([100000.0, 100000.00000000001], "early_stopping")
def test_distinct_strengths_have_distinct_labels(strengths: list[float], regularizer: str) -> None:
    labels = format_strengths(strengths, regularizer)
    assert len(set(labels)) == len(set(strengths))
    assert [labels[strengths.index(strength)] for strength in strengths] == labels, "equal ones are written alike"


@given(st.lists(st.floats(1e-6, 1), max_size=6, unique=True))
def test_what_stands_apart_keeps_its_short_label(strengths: list[float]) -> None:
    short = [format_strength(strength, "l1") for strength in strengths]
    for label, own in zip(format_strengths(strengths, "l1"), short, strict=True):
        assert label == own or short.count(own) > 1


@given(st.lists(st.integers(0, 10**6), max_size=8))
def test_distinct_scores_have_distinct_labels(parts: list[int]) -> None:
    scores = [part / 10**6 for part in parts]
    for task in ("classification", "regression"):
        assert len(set(format_scores(scores, task))) == len(set(scores))


def test_scores_keep_one_decimal_where_that_is_enough() -> None:
    assert format_scores([0.931, 0.9312, 0.8], "classification") == ["93.10 %", "93.12 %", "80.0 %"]


def test_scores_that_differ_by_rounding_only_are_written_alike_and_short() -> None:
    first, second = (0.1 + 0.2) + 0.363, 0.1 + (0.2 + 0.363)
    assert first != second
    assert format_scores([first, second], "classification") == ["66.3 %"] * 2
    assert format_scores([first, second, 0.6634], "classification") == ["66.30 %"] * 2 + ["66.34 %"]


def test_a_deviation_has_the_digits_of_its_score() -> None:
    assert format_scores([0.6631, 0.663], "classification", [0.0123]) == ["66.31 % ± 1.23", "66.30 %"]
    assert format_scores([0.9, 0.8], "regression", [None, 0.01]) == ["0.900", "0.800 ± 0.010"]


def test_it_ends_where_no_digit_can_help() -> None:
    assert tell_apart([1.0, 2.0], lambda _value, _digits: "same", 1) == ["same", "same"]
