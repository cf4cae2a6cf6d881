"""pydantic's errors as the API's error details: field, expected, received."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from backend.errors.field_labels import label_path
from backend.errors.validation_messages import find_expected, finish, list_names
from backend.schemas.errors import ErrorDetail

MAX_DETAILS = 20
_MAX_TEXT = 200
_MAX_ITEMS = 10
_MAX_DEPTH = 3
# Larger integers lose digits in JavaScript.
_MAX_EXACT = 2**53
# Errors of length: the bound's name, and its wording.
_LENGTHS = {
    f"{prefix}too_{which}": (f"{bound}_length", f"a length of at {word} {{}}")
    for prefix in ("", "string_")
    for which, bound, word in (("short", "min", "least"), ("long", "max", "most"))
}
_SOURCES = {"body", "query", "path", "header", "cookie"}


def explain(errors: Sequence[Mapping[str, Any]], body: Any = None) -> list[ErrorDetail]:
    """The details of the first MAX_DETAILS errors. ``body``: the parsed request body."""
    details = [_explain(error, body) for error in errors[:MAX_DETAILS]]
    for detail, error in zip(details, errors, strict=False):
        if error["loc"][0] == "body":
            detail.label = label_path(detail.field, body)
    return details


def _explain(error: Mapping[str, Any], body: Any) -> ErrorDetail:
    kind, context = error["type"], error.get("ctx") or {}
    path = _find_path(error["loc"], body)
    if kind == "refused":
        path = [*path, context["field"]]
        return _make(path, context["text"], context["expected"], context["received"])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _explain_name(path, context, missing=kind == "union_tag_not_found")
    if kind == "network_name":
        return _explain_network(path, error)
    if kind == "missing":
        return _miss(path, "a value")
    if kind == "extra_forbidden":
        return _explain_unknown_field(path, error.get("input"))
    if kind in _LENGTHS:
        return _explain_length(path, error, *_LENGTHS[kind])
    if kind == "string_pattern_mismatch":
        expected = f"text that matches {context['pattern']}"
        return _make(path, _say(expected, error.get("input")), expected, error.get("input"))
    return _explain_value(path, error)


def _miss(path: list[str], what: str) -> ErrorDetail:
    return ErrorDetail(field=_join(path), message=f"{what.capitalize()} is required, but missing.", expected=what)


def _explain_unknown_field(path: list[str], received: Any) -> ErrorDetail:
    """An unknown field, with the closest known name."""
    name = path[-1] if path else ""
    meant = get_close_matches(name, list_names() - {name}, n=1, cutoff=0.7)
    hint = f"; did you mean {meant[0]}?" if meant else "."
    message = f"There is no such field as {_quote(name)} here{hint}"
    return _make(path, message, "only the fields of the schema", received)


def _explain_length(path: list[str], error: Mapping[str, Any], bound: str, words: str) -> ErrorDetail:
    """The message gives the length received, not the text or list itself."""
    received, expected = error.get("input"), words.format(error["ctx"][bound])
    length = len(received) if isinstance(received, str | list | tuple | Mapping) else received
    return _make(path, f"expected {expected}; received {length}", expected, received)


def _explain_name(path: list[str], context: Mapping[str, Any], missing: bool) -> ErrorDetail:
    path = [*path, "name"]
    if missing:
        return _miss(path, "a name")
    expected = f"one of: {context['expected_tags']}"
    return _make(path, _say(expected, context["tag"]), expected, context["tag"])


def _explain_network(path: list[str], error: Mapping[str, Any]) -> ErrorDetail:
    given = error.get("input")
    name = given.get("name") if isinstance(given, Mapping) else None
    expected = str(error["msg"]).removeprefix("Input should be ")
    return _explain_name(path, {"expected_tags": expected, "tag": name}, missing=name is None)


def _explain_value(path: list[str], error: Mapping[str, Any]) -> ErrorDetail:
    text, received = str(error["msg"]), error.get("input")
    if text.startswith("Value error, "):
        text = text.removeprefix("Value error, ")
        return _make(path, text, text.removeprefix("expected ").split("; received")[0], received)
    expected = find_expected(error)
    return _make(path, text if expected is None else _say(expected, received), expected, received)


def _say(expected: str, received: Any) -> str:
    return f"expected {expected}; received {_quote(received)}"


def _quote(value: Any) -> str:
    text = json.dumps(make_json_safe(value), ensure_ascii=False)
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _make(path: list[str], message: str, expected: str | None, received: Any) -> ErrorDetail:
    return ErrorDetail(
        field=_join(path),
        message=finish(make_json_safe(message, 4 * _MAX_TEXT)),
        expected=expected and make_json_safe(expected, 4 * _MAX_TEXT),
        received=make_json_safe(received),
    )


def _join(path: list[str]) -> str:
    return str(make_json_safe(".".join(path) or "body"))


def _find_path(location: Sequence[str | int], body: Any) -> list[str]:
    """The location without what pydantic adds to it: where it looked, and which member of a union it tried."""
    source, *rest = location
    if source != "body":
        return [str(part) for part in (rest if source in _SOURCES else location)]
    path, value = [], body
    for index, part in enumerate(rest):
        if _holds(value, part):
            path.append(str(part))
            value = value[part]
        elif index == len(rest) - 1 and isinstance(value, Mapping) and _is_field(part, value):
            path.append(str(part))
    return path


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _is_field(part: str | int, value: Mapping[Any, Any]) -> bool:
    """Whether a last part that is not in ``value`` is a missing field, not the name of a union's member."""
    return isinstance(part, str) and part != value.get("name") and part not in ("grid", "list", "number")


def make_json_safe(value: Any, longest: int = _MAX_TEXT, depth: int = 0) -> Any:
    """``value`` as legal JSON, shortened where it is large: no NaN, lone surrogates, bytes or deep nesting."""
    match value:
        case None | bool():
            return value
        case str():
            return _shorten(value.encode("utf-8", "replace").decode("utf-8"), longest)
        case int():
            return value if abs(value) <= _MAX_EXACT else _shorten_number(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes():
            return _shorten(value.decode("utf-8", "replace"), longest)
        case Mapping() | list() | tuple() if depth >= _MAX_DEPTH:
            return "…"
        case Mapping():
            items = list(value.items())[:_MAX_ITEMS]
            return {make_json_safe(str(k)): make_json_safe(v, longest, depth + 1) for k, v in items}
        case list() | tuple():
            kept = [make_json_safe(item, longest, depth + 1) for item in value[:_MAX_ITEMS]]
            return kept + ([f"… {len(value)} in all"] if len(value) > _MAX_ITEMS else [])
    return _shorten(str(value), longest)


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _shorten_number(value: int) -> str:
    # Python refuses to write integers of more than 4300 digits.
    return str(value) if value.bit_length() < 600 else f"an integer of {value.bit_length()} bits"
