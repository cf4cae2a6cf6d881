"""Text is found whatever its case and its form of Unicode."""

from __future__ import annotations

import sys
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.case_folding import fold

FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
CASES = (str.upper, str.lower, str.title, str.casefold, str.swapcase)
# Letters whose case is more than a bit, marks, ligatures, what is wide, and what is not seen.
TRICKY = "aAäÄßẞiIıİσςΣéÉe\u0301u\u0308ǅﬁＡ①ΐ\u0345ﷺ가각\u200b\u00ad\u0307\u0323℡Ωµ %_\\/λ⁻"
texts = st.text(alphabet=st.sampled_from(TRICKY) | st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Über-Netz", "über"),
        ("ÜBER-NETZ", "u\u0308ber-netz"),
        ("İstanbul", "istanbul"),
        ("istanbul", "İSTANBUL"),
        ("ıspanak", "ISPANAK"),
        ("ΟΔΟΣ", "οδος"),
        ("οδός", "ΟΔΌΣ"),
        ("Straße", "STRASSE"),
        ("ﬁt, Ａｄａｍ", "FIT, adam"),
        ("λ = 10⁻³", "Λ = 10−3"),
        ("zero\u200bwidth, soft\u00adly", "ZEROwidth, softly"),
    ],
)
def test_whatever_the_case_and_the_form(text: str, query: str) -> None:
    assert fold(query) in fold(text)


def test_what_differs_stays_apart() -> None:
    assert fold("Straße") != fold("Strase")
    assert fold("über") not in fold("uber")
    assert fold("l1") not in fold("L2, lambda 1")


def test_every_character_folds_to_the_same_in_every_case_and_form() -> None:
    for code in range(sys.maxunicode + 1):
        # What is no character, or nobody's yet, has no case.
        if unicodedata.category(char := chr(code)) in ("Cs", "Co", "Cn"):
            continue
        folded = fold(char)
        assert fold(folded) == folded
        # SQLite's LIKE tells no case of ASCII letters; none is left for it to mistake.
        assert not any("A" <= letter <= "Z" for letter in folded)
        others = {case(char) for case in CASES} | {unicodedata.normalize(form, char) for form in FORMS}
        assert {fold(other) for other in others} == {folded}, hex(code)


@given(texts)
def test_a_text_is_found_in_every_case_and_form(text: str) -> None:
    for other in {case(text) for case in CASES} | {unicodedata.normalize(form, text) for form in FORMS}:
        assert fold(other) == fold(text)


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
