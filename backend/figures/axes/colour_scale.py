"""The colour scale of strengths: colour means log strength. The API returns ColourScale as it is.

A path through OKLab (Ottosson 2020) whose lightness rises from blue over magenta to orange. Its blue-yellow component
rises too, so it stays ordered under red-green blindness, and its lightness alone stays ordered under all of them. The
range of lightness is cut so that every colour reads on white and on near-black. Steps along it are even in OKLab.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.analysis.digits import format_strengths
from core.analysis.formatting import get_axis, get_symbol, is_cap
from core.spec.regularizers.base import Axis

# Mid-grey of equal contrast, 4.1, to white and to near-black.
NEUTRAL = "#7c7c7c"
STOPS = 25
# (lightness, chroma, hue in degrees) from the weakest strength to the strongest.
_PATH = np.array(
    [(0.495, 0.17, 268.0), (0.55, 0.20, 312.0), (0.61, 0.205, 360.0), (0.66, 0.18, 395.0), (0.715, 0.155, 425.0)]
)
MAJOR_TICKS = 8
_ZERO_SLOT = 0.09


@dataclass(frozen=True)
class ScaleTick:
    """A strength on its colour bar."""

    strength: float
    label: Annotated[str, Field(examples=["10⁻³·⁵"])]
    position: Annotated[float, Field(description="along the colour bar, 0 to 1; strength 0 is left of the smallest")]
    colour: Annotated[str, Field(examples=["#7a5bd0"])]
    major: Annotated[bool, Field(description="whether to show its label")]


@dataclass(frozen=True, kw_only=True)
class ColourScale:
    """The colour bar of one regularizer, by log strength, or by strength for probabilities."""

    regularizer: str
    symbol: Annotated[str, Field(examples=["λ", "p"])]
    smaller_is_stronger: Annotated[bool, Field(description="as for a cap or a patience")] = False
    kind: Axis
    stops: Annotated[list[str], Field(description="evenly spaced colours from `start` to 1")]
    start: Annotated[float, Field(description="where the colours start, right of the slot of strength 0")]
    ticks: list[ScaleTick]

    @property
    def title(self) -> str:
        """The title of an axis of strengths."""
        return f"{self.symbol} (smaller is stronger)" if self.smaller_is_stronger else self.symbol

    def colour(self, strength: float) -> str:
        return next((tick.colour for tick in self.ticks if tick.strength == strength), NEUTRAL)


def oklab_to_linear(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """OKLab, shape (..., 3), to linear sRGB, in gamut where within [0, 1]. Source: Ottosson 2020."""
    to_cone = np.array(
        [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.291485548]]
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.707614701],
        ]
    )
    return np.asarray(((lab @ to_cone.T) ** 3) @ to_rgb.T)


def _to_hex(lab: NDArray[np.float64]) -> str:
    linear = np.clip(oklab_to_linear(lab), 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in encoded)


@lru_cache
def _even_path() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of the path in OKLab, shape (P, 3), and the share of its length up to each, shape (P,)."""
    knots, fine = np.linspace(0, 1, len(_PATH)), np.linspace(0, 1, 513)
    light, chroma, hue = (np.interp(fine, knots, column) for column in _PATH.T)
    # Rounds the corners of the piecewise path; the ends stay.
    window = np.hanning(97) / np.hanning(97).sum()
    chroma, hue = (
        np.convolve(np.pad(c, 48, mode="reflect", reflect_type="odd"), window, "valid") for c in (chroma, hue)
    )
    lab = np.stack([light, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))], axis=1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(lab, axis=0), axis=1))])
    return lab, length / length[-1]


def pick_colour(share: float) -> str:
    """The colour at ``share``, 0 the weakest to 1 the strongest, as ``#rrggbb``."""
    lab, length = _even_path()
    return _to_hex(np.array([np.interp(share, length, column) for column in lab.T]))


# Of things without an order: even lightness, which reads on white and on near-black; neighbours' hues lie far apart.
_LIGHTNESS, _CHROMA, _FIRST_HUE, _GOLDEN_ANGLE = 0.6, 0.12, 175.0, 137.508


def pick_category(index: int) -> str:
    """A colour for the thing of this index, as ``#rrggbb``."""
    hue = math.radians(_FIRST_HUE + _GOLDEN_ANGLE * index)
    return _to_hex(np.array([_LIGHTNESS, _CHROMA * math.cos(hue), _CHROMA * math.sin(hue)]))


def make_scale(regularizer: str, strengths: Sequence[float]) -> ColourScale:
    """The colour scale of a regularizer's strengths, given in any order; 0 has a slot at the left."""
    ordered = sorted(set(strengths))
    kind = get_axis(regularizer)
    positive = [s for s in ordered if s > 0]
    start = _ZERO_SLOT if len(positive) < len(ordered) and positive else 0.0
    shares = dict(zip(positive, _spread(positive, kind), strict=True))
    majors = _choose_major(positive, kind) | {0.0}
    ticks = [
        ScaleTick(
            s,
            label,
            round(start + (1 - start) * shares[s], 4) if s else 0.0,
            pick_colour(shares[s]) if s else NEUTRAL,
            s in majors,
        )
        for s, label in zip(ordered, format_strengths(ordered, regularizer), strict=True)
    ]
    stops = [pick_colour(i / (STOPS - 1)) for i in range(STOPS)]
    return ColourScale(
        regularizer=regularizer,
        symbol=get_symbol(regularizer),
        smaller_is_stronger=is_cap(regularizer),
        kind=kind,
        stops=stops,
        start=start,
        ticks=ticks,
    )


def _spread(positive: Sequence[float], kind: str) -> list[float]:
    """The place of each strength between the smallest and the largest, 0 to 1; 0.5 for a single one."""
    places = [math.log(s) if kind == "log" else s for s in positive]
    if len(places) < 2:
        return [0.5] * len(places)
    return [(place - places[0]) / (places[-1] - places[0]) for place in places]


def is_decade(strength: float) -> bool:
    """Whether it is a power of ten."""
    return strength > 0 and abs(math.log10(strength) - round(math.log10(strength))) < 1e-9


def _choose_major(ordered: Sequence[float], kind: str) -> set[float]:
    """The labelled strengths: the ends and as many as fit between, preferably decades on a log axis."""
    last = len(ordered) - 1
    if last < MAJOR_TICKS:
        return set(ordered)
    decades = [strength for strength in ordered if is_decade(strength)] if kind == "log" else []
    if len(decades) > 1:
        return {ordered[0], ordered[-1], *decades[:: 1 + (len(decades) - 1) // MAJOR_TICKS]}
    even = [step for step in range(2, last // 3 + 1) if last % step == 0 and last // step < MAJOR_TICKS]
    if even:
        return set(ordered[:: even[0]])
    return {ordered[round(i)] for i in np.linspace(0, last, MAJOR_TICKS)}
