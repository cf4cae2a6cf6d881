"""Formatting of strengths, regularizers and scores: λ = 3·10⁻⁴, 93.1 % ± 0.4."""

from __future__ import annotations

import math
import re
from typing import Literal

from core.spec.regularizer import BASELINE, REGULARIZER_CLASSES, RegularizerBase
from core.spec.regularizers.base import Axis

Task = Literal["classification", "regression"]

_SUPERSCRIPT = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")
_KEY = re.compile(r"(?P<name>\w+)(?:\((?P<parameters>.*)\))?", re.DOTALL)


def split_key(regularizer: str) -> tuple[str, dict[str, str]]:
    """The name and the parameters in a regularizer's key: ``elastic_net(mixing=0.5)``."""
    match = _KEY.fullmatch(regularizer)
    if match is None:
        return regularizer, {}
    pairs = (part.partition("=") for part in (match["parameters"] or "").split(",") if part)
    return match["name"], {name.strip(): value.strip() for name, _, value in pairs}


def label_regularizer(regularizer: str) -> str:
    """The label of a regularizer's key: ``Elastic net (mixing 0.5)``."""
    name, parameters = split_key(regularizer)
    label = _find_label(name)
    inner = ", ".join(f"{key} {value}" for key, value in parameters.items())
    return f"{label} ({inner})" if inner else label


def _find_label(name: str) -> str:
    if name == BASELINE:
        return "Baseline"
    return REGULARIZER_CLASSES[name].label if name in REGULARIZER_CLASSES else name.replace("_", " ").capitalize()


def _find_class(regularizer: str) -> type[RegularizerBase]:
    """The class of a key; the base, which has the symbol λ, for the baseline and unknown names."""
    return REGULARIZER_CLASSES.get(split_key(regularizer)[0], RegularizerBase)


def get_symbol(regularizer: str) -> str:
    """The symbol of the strength: λ for a penalty, else the regularizer's own."""
    return _find_class(regularizer).symbol


def get_axis(regularizer: str) -> Axis:
    """The axis that strengths are drawn on: linear for probabilities, else logarithmic."""
    return _find_class(regularizer).axis


def format_strength(strength: float, regularizer: str = "", digits: int = 3) -> str:
    """10⁻⁴, 3·10⁻⁴, 10⁻³·⁵ on a grid of half powers; plain decimals from 0.1 up, and where the symbol is no λ.

    ``digits``: maximum of significant digits; for numbers that are close together see digits.format_strengths.
    """
    if strength == 0:
        return "0"
    if get_symbol(regularizer) != "λ" and 1e-3 <= strength < 1e5:
        return f"{strength:.{digits if strength < 1000 else max(digits, 5)}g}"
    quarters = round(4 * math.log10(strength))
    power = abs(4 * math.log10(strength) - quarters) < 1e-8
    if digits > 3:
        power = power and f"{strength:.{digits}g}" == f"{10 ** (quarters / 4):.{digits}g}"
    if power and quarters % 4:
        return "10" + f"{quarters / 4:g}".translate(_SUPERSCRIPT)
    if 0.1 <= strength < 1000:
        return f"{strength:.{digits}g}"
    mantissa, exponent = f"{strength:.{digits - 1}e}".split("e")
    ten = "10" + str(int(exponent)).translate(_SUPERSCRIPT)
    factor = mantissa.rstrip("0").rstrip(".")
    return ten if factor == "1" else f"{factor}·{ten}"


def name_strength(regularizer: str, strength: float) -> str:
    """``λ = 10⁻⁴``, or ``p = 0.5``."""
    return f"{get_symbol(regularizer)} = {format_strength(strength, regularizer)}"


def format_score(mean: float, task: Task, deviation: float | None = None, digits: int | None = None) -> str:
    """Accuracy in percent with one decimal, R² as a number with three; the deviation in the same unit.

    ``digits``: number of decimals. A deviation that would round to 0 is written as ``<0.1``.
    """
    scale, usual, unit = (100, 1, " %") if task == "classification" else (1, 3, "")
    digits = usual if digits is None else digits
    spread = "" if deviation is None else f" ± {_format_deviation(scale * deviation, digits)}"
    return f"{scale * mean:.{digits}f}{unit}{spread}".replace("-", "−")


def _format_deviation(deviation: float, digits: int) -> str:
    text = f"{deviation:.{digits}f}"
    return f"<{10**-digits:.{digits}f}" if deviation > 0 and float(text) == 0 else text


def is_cap(regularizer: str) -> bool:
    """Whether a smaller strength regularizes more."""
    return _find_class(regularizer).smaller_is_stronger
