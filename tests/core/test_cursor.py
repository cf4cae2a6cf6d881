"""Cursors: read back as written, and refused where nobody wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cursor import InvalidCursorError, Place, find_valid, parse_cursor, write_cursor
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
    ("place", "valid"),
    [
        (Place(3, 2), 3),
        (Place(5, 2), 5),
        (Place(3), 3),
        (Place(6), 5),
        (Place(6, 2), 5),
        (Place(5, 1), 4),
        (Place(3, 1), 3),
        (Place(5, 0), 2),
        (Place(1, 0), 1),
        (Place(0, 0), 0),
    ],
)
def test_what_was_taken_back_since_does_not_stand(place: Place, valid: int) -> None:
    assert find_valid(place, Job(id=1, epoch=5, rewinds=[[2, 2], [4, 4]])) == valid
