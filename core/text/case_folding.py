"""Case folding and Unicode normalization for search, independent of the database."""

from __future__ import annotations

import re
import unicodedata

# The combining dot of a lower-cased İ.
_DOTTED = re.compile("(?<=i)\u0307")
# Invisible: joiners and variation selectors.
_UNSEEN = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def fold(text: str) -> str:
    """``text`` for comparison: equal for texts that differ only in case, composition or compatibility forms.

    Unicode's compatibility caseless match (decompose, fold, decompose), slightly wider: upper-casing first, so that ı
    matches its capital I; İ matches i; invisible characters are dropped. Accents count.
    """
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    decomposed = unicodedata.normalize("NFKD", _UNSEEN.sub("", seen))
    folded = unicodedata.normalize("NFKD", decomposed.upper().casefold()).casefold()
    return _DOTTED.sub("", unicodedata.normalize("NFKD", folded))


def fold_lines(*texts: str) -> str:
    """The folded texts, one per line. A query has no line break, so it never matches across two texts."""
    return "\n".join(map(fold, texts))
