"""What a validator of the spec raises: a refusal that knows its field."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticCustomError


def refuse(message: str, *, field: str, expected: str, received: Any = None) -> PydanticCustomError:
    """The error to raise from a model's validator. ``field`` is a path below that model, such as ``strengths.2``.

    pydantic's own errors of a whole model cannot say which of its fields is to blame.
    """
    context = {"text": message, "field": field, "expected": expected, "received": received}
    return PydanticCustomError("refused", "{text}", context)
