"""What a page does with what it is told: nothing but put it in its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from backend.figures.typed_arrays import decode


class Page:
    """A set of charts as a page has it, with its lines decoded."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.take(told)

    def take(self, told: dict[str, Any]) -> None:
        if "columns" in told:
            self.set = {key: value for key, value in told.items() if key != "columns"}
            self.columns = [_open_column(column) for column in told["columns"]]
            return
        if told["since"] != self.set["version"]:
            return
        self.set = {"topic": told["topic"], "version": told["version"], **told["set"]}
        for change in told["figures"]:
            figure = self.columns[change["column"]]["figures"][change["metric"]]
            figure["layout"] |= change.get("layout", {})
            for own in change.get("traces", []):
                _change_trace(figure["data"][own["trace"]], own)


def _change_trace(trace: dict[str, Any], change: dict[str, Any]) -> None:
    trace |= _open_trace(change.get("options", {}))
    for line in change.get("lines", []):
        x, y = trace["lines"][line["line"]]
        x[line["keep"] :], y[line["keep"] :] = _read(line["x"]), _read(line["y"])


def _read(values: list[float | None]) -> list[float]:
    return [np.nan if value is None else float(np.float32(value)) for value in values]


def _open_column(column: dict[str, Any]) -> dict[str, Any]:
    figures = {
        name: figure | {"data": [_open_trace(trace) for trace in figure["data"]]}
        for name, figure in column["figures"].items()
    }
    return column | {"figures": figures}


def _open_trace(trace: dict[str, Any]) -> dict[str, Any]:
    """Its x and y as lines. Which points it has is said by them, no longer by meta.lengths."""
    meta = trace.get("meta", {})
    rest = {key: value for key, value in trace.items() if key not in ("x", "y", "meta")}
    told = {"meta": {key: value for key, value in meta.items() if key != "lengths"}} if meta else {}
    if "x" not in trace or "lengths" not in meta:
        return rest | told | {key: trace[key] for key in ("x", "y") if key in trace}
    x, y, start, lines = decode(trace["x"]).tolist(), decode(trace["y"]).tolist(), 0, []
    for length in meta["lengths"]:
        lines.append((x[start : start + length], y[start : start + length]))
        start += length + 1
    return rest | told | {"lines": lines}
