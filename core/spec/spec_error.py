"""Errors that the spec's validators raise, with their field."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticCustomError


def refuse(message: str, *, field: str, expected: str, received: Any = None) -> PydanticCustomError:
    """An error to raise from a model's validator. ``field``: a path below that model, such as ``strengths.2``.

    pydantic's own errors of a whole model cannot name a field.
    """
    context = {"text": message, "field": field, "expected": expected, "received": received}
    return PydanticCustomError("refused", "{text}", context)
