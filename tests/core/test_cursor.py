"""Cursors: read back as written, and refused where nobody wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cursor import InvalidCursorError, Place, must_restart, parse_cursor, write_cursor
from core.db.models import Job

numbers = st.integers(0, 2**31)
places = st.dictionaries(numbers, st.builds(Place, numbers, numbers | st.none()), max_size=6)


@given(places)
def test_a_cursor_reads_back_as_written(given_places: dict[int, Place]) -> None:
    assert parse_cursor(write_cursor(given_places)) == given_places


@pytest.mark.parametrize("text", ["yesterday", "1", "1:", "1:2:3:4", "1:-2", "1:2;3:4", "٣:٤x", "1:99999999999"])
def test_what_is_no_cursor_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(InvalidCursorError) as caught:
        parse_cursor(text, "Last-Event-ID")
    assert caught.value.field == "Last-Event-ID"
    assert caught.value.received == text


def test_nothing_is_the_beginning() -> None:
    assert parse_cursor(None) == parse_cursor("") == {}


@pytest.mark.parametrize(
    ("place", "restarts"),
    [
        (Place(3, 2), False),
        (Place(5, 2), False),
        (Place(3), False),
        (Place(3, 1), True),
        (Place(6, 2), True),
        (Place(6), True),
        (Place(0, 1), False),
    ],
)
def test_only_what_is_of_another_attempt_restarts(place: Place, restarts: bool) -> None:
    assert must_restart(place, Job(id=1, epoch=5, attempt=2)) is restarts
