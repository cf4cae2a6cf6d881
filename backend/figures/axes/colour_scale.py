"""The one colour scale: colour means log strength.

A path through OKLab (Ottosson 2020) whose lightness rises from blue over magenta to orange. Its blue-yellow component
rises too, so it stays ordered under red-green blindness, and its lightness alone stays ordered under all of them. The
range of lightness is cut so that every colour reads on white and on near-black. Steps along it are even in OKLab.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.analysis.digits import format_strengths
from core.analysis.formatting import get_axis, get_symbol, is_cap

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
class Tick:
    """One strength on the colour bar."""

    strength: float
    label: str
    position: float
    colour: str
    major: bool


@dataclass(frozen=True)
class Scale:
    """The colours of one regularizer's strengths. Its fields are those of schemas.figures.ColourScale."""

    regularizer: str
    symbol: str
    kind: str
    stops: list[str]
    start: float
    ticks: list[Tick]
    smaller_is_stronger: bool = False

    @property
    def title(self) -> str:
        """What an axis of strengths is called."""
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
    """Points of the path in OKLab, shape (P, 3), and the share of its length at each, shape (P,)."""
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
    """The colour at ``share`` of the way, 0 the weakest, 1 the strongest, as ``#rrggbb``."""
    lab, length = _even_path()
    return _to_hex(np.array([np.interp(share, length, column) for column in lab.T]))


def make_scale(regularizer: str, strengths: Sequence[float]) -> Scale:
    """The scale of a regularizer over its strengths, in any order; 0 has a slot of its own at the left."""
    ordered = sorted(set(strengths))
    kind = get_axis(regularizer)
    positive = [s for s in ordered if s > 0]
    start = _ZERO_SLOT if len(positive) < len(ordered) and positive else 0.0
    shares = dict(zip(positive, _spread(positive, kind), strict=True))
    majors = _choose_major(positive, kind) | {0.0}
    ticks = [
        Tick(
            s,
            label,
            round(start + (1 - start) * shares[s], 4) if s else 0.0,
            pick_colour(shares[s]) if s else NEUTRAL,
            s in majors,
        )
        for s, label in zip(ordered, format_strengths(ordered, regularizer), strict=True)
    ]
    stops = [pick_colour(i / (STOPS - 1)) for i in range(STOPS)]
    return Scale(regularizer, get_symbol(regularizer), kind, stops, start, ticks, is_cap(regularizer))


def _spread(positive: Sequence[float], kind: str) -> list[float]:
    """Where each strength lies between the smallest and the largest, 0 to 1; a single one lies in the middle."""
    places = [math.log(s) if kind == "log" else s for s in positive]
    if len(places) < 2:
        return [0.5] * len(places)
    return [(place - places[0]) / (places[-1] - places[0]) for place in places]


def is_decade(strength: float) -> bool:
    """Whether it is a power of ten."""
    return strength > 0 and abs(math.log10(strength) - round(math.log10(strength))) < 1e-9


def _choose_major(ordered: Sequence[float], kind: str) -> set[float]:
    """The strengths that are labelled: the ends, and as many as fit between; decades on a log axis that has some."""
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
