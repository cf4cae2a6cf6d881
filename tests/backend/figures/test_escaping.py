"""plotly.js reads a little HTML in its texts: what figures put there is escaped, and nothing of a user is in them."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import httpx
import numpy as np
import pytest

from backend.figures.charts.coefficients import RunCoefficients, draw_paths
from backend.figures.charts.curves import Column, draw_columns
from backend.figures.charts.strength import draw_strengths
from backend.figures.data import Curves, RunKey, Style
from backend.figures.figure_set import write_column
from backend.figures.metrics import FIGURES
from core.spec.regularizer import REGULARIZER_CLASSES, RegularizerBase

HOSTILE = '<b>"&lt;</b><a href="javascript:window.hacked=1">x</a><script>window.hacked=1</script> $x^2$ %{y}'
KEYS = ("none", HOSTILE)


class Hostile(RegularizerBase):
    label: ClassVar[str] = HOSTILE
    symbol: ClassVar[str] = HOSTILE


def list_markup(value: Any) -> Iterator[str]:
    """Every text in a figure that plotly.js may read as markup: all but what the page itself writes, under meta."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key != "meta":
                yield from list_markup(each)
    elif isinstance(value, list):
        for each in value:
            yield from list_markup(each)


def list_unescaped(columns: list[Column]) -> list[str]:
    texts = [text for column in columns for text in list_markup(write_column(column)["figures"])]
    assert len(texts) > 20
    return [text for text in texts if html.escape(html.unescape(text)) != text]


def draw_hostile() -> dict[str, list[Column]]:
    """Each kind of chart, of a regularizer, features and outputs with hostile names."""
    runs = tuple(RunKey(index, key, 0.1 * index, 0) for index, key in enumerate(KEYS))
    values = {"validation_loss": np.ones((2, 3))}
    curves = Curves(runs, np.tile(np.arange(1.0, 4), (2, 1)), values, np.full(2, 3))
    last = {run.id: {"validation_loss": 1.0} for run in runs}
    paths = [RunCoefficients(run.regularizer, run.strength, 0, np.full((2, 12), 1.0 + run.id)) for run in runs]
    names = [f"{HOSTILE}{index}" for index in range(12)]
    return {
        "lines": draw_columns(curves, KEYS[1:], ["validation_loss"], Style(smoothing=0.5), 3),
        "bands": draw_columns(curves, KEYS[1:], ["validation_loss"], Style(seeds="mean"), 3),
        "strengths": draw_strengths(runs, last, KEYS[1:], ["validation_loss"], "regression"),
        "paths": draw_paths(paths, KEYS[1:], names, 1, names[:2]),
    }


@pytest.mark.parametrize("kind", ["lines", "bands", "strengths", "paths"])
def test_what_plotly_reads_is_escaped(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No regularizer has such a name and symbol; escaped is whatever stands in their places."""
    monkeypatch.setitem(REGULARIZER_CLASSES, HOSTILE, Hostile)
    columns = draw_hostile()[kind]
    assert HOSTILE in str(columns), "it is there, under meta, as it is"
    assert list_unescaped(columns) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("network", ["linear", "mlp"])
def test_figures_hold_nothing_of_a_name_a_note_or_a_tag(
    api: httpx.Client, spec: dict[str, Any], finish: Callable[..., dict[str, Any]], network: str
) -> None:
    mark = "<script>hacked&$"
    own = {"name": mark, "notes": mark, "tags": [mark], "network": {"name": network}}
    experiment = finish(spec | own)
    assert mark in (experiment["name"], *experiment["tags"])
    for figure in FIGURES:
        answer = api.get(f"/api/experiments/{experiment['id']}/figures/{figure}")
        assert answer.status_code == 200
        assert "hacked" not in answer.text
