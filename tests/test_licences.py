"""Every locked dependency is in docs/licences.md, with a licence that is on the list or allowed by hand."""

from __future__ import annotations

import pytest

from setup import licences


def test_every_licence_is_on_the_list_or_has_a_reason() -> None:
    python, page = licences.list_python(), licences.list_page()
    assert {"torch", "fastapi", "limits"} <= python.keys()
    assert {"react", "vite"} <= page.keys()
    assert licences.find_refused(python) == {}
    assert licences.find_refused(page) == {}


def test_the_list_is_of_what_is_locked() -> None:
    assert licences.TARGET.read_text() == licences.render(), "write it anew: make licences"


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("? nothing is told", False),
    ],
)
def test_alternatives_are_one_and_parts_are_all(licence: str, allowed: bool) -> None:
    assert (licences.find_refused({"package": licence}) == {}) is allowed
