"""Input of commands: a spec's file, and strengths to add."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from backend.cli.client import ApiError


def read_spec(file: Path) -> Any:
    """The file's content; ``-`` is standard input. Raises ApiError where it is not a YAML mapping."""
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        spec = yaml.safe_load(content.decode())
    except OSError as error:
        raise ApiError(f"{file} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f" (line {place.line + 1}, column {place.column + 1})" if place else ""
        raise ApiError(f"{file} is neither YAML nor JSON{where}.") from error
    if not isinstance(spec, dict):
        held = "nothing" if spec is None else type(spec).__name__
        raise ApiError(f"{file} must hold a spec, a mapping of names to values; it holds {held}.")
    return spec


def read_strengths(given: list[str]) -> dict[str, list[float]]:
    """From ``key=0.1,0.2``; a key may hold an equals sign itself. Raises ApiError with a sentence."""
    strengths: dict[str, list[float]] = {}
    for text in given:
        key, _, values = text.rpartition("=")
        try:
            strengths.setdefault(key, []).extend(float(value) for value in values.split(","))
        except ValueError:
            raise ApiError(
                f"--strengths expects a regularizer and numbers, such as l1=0.1,0.2; received {text}."
            ) from None
    return strengths
