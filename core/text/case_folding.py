"""Text as it is searched: without case, in one form of Unicode, whatever database it is kept in."""

from __future__ import annotations

import re
import unicodedata

# The dot of İ, which every other i has without one.
_DOTTED = re.compile("(?<=i)\u0307")
# What is written but not seen: joiners, soft hyphens, marks of direction, selectors of a glyph's variant.
_UNSEEN = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def fold(text: str) -> str:
    """``text`` for comparing: equal for texts that differ in case, composition or compatibility forms alone.

    Unicode's compatibility caseless match (decomposed, folded, decomposed), made somewhat wider: capitals come first,
    so that ı is found by its own capital I; İ is an i; and what is not seen does not count. Accents do.
    """
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    decomposed = unicodedata.normalize("NFKD", _UNSEEN.sub("", seen))
    folded = unicodedata.normalize("NFKD", decomposed.upper().casefold()).casefold()
    return _DOTTED.sub("", unicodedata.normalize("NFKD", folded))


def fold_lines(*texts: str) -> str:
    """All of them in one. What is looked for holds no line break, so that nothing is found across two of them."""
    return "\n".join(map(fold, texts))
