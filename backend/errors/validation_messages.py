"""Wording of pydantic's errors: what was expected, by error type."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.spec import ExperimentSpec

_WORDS = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    "int_parsing_size": "a smaller whole number",
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "names with values"),
    "string_type": "text",
    "list_type": "a list",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least {}"),
    "less_than_equal": ("le", "at most {}"),
    "greater_than": ("gt", "more than {}"),
    "less_than": ("lt", "less than {}"),
}
# The beginnings of pydantic's own messages that lead to what was expected.
_STARTS = ("Input should be ", "Input should have ", "Input should ")


def find_expected(error: Mapping[str, Any]) -> str | None:
    """What was expected, as follows that word in a message; None where pydantic does not say."""
    kind, text = error["type"], str(error["msg"])
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"a number, {words.format(_write(error['ctx'][name]))}"
    return next((text.removeprefix(start) for start in _STARTS if text.startswith(start)), None)


def _write(bound: Any) -> str:
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def finish(text: str) -> str:
    """``text`` as a sentence; a leading field name is not capitalized."""
    first = text.split(" ", 1)[0]
    whole = text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text
    return whole if whole.endswith((".", "!", "?", "…")) else f"{whole}."


def prefix_label(label: str, sentence: str) -> str:
    """The sentence after its label: `Epochs: expected a whole number; received 1.5.`"""
    if sentence.startswith(("Expected ", "There is ", "A value ")):
        sentence = sentence[0].lower() + sentence[1:]
    return f"{label}: {sentence}"


@lru_cache
def list_names() -> frozenset[str]:
    """Every field name of a spec."""
    schema = ExperimentSpec.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    return frozenset(name for part in parts for name in part.get("properties", {}))
