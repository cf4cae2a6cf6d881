"""Parser of a spec's text, JSON or YAML, that knows the line of each part."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from core.errors import RidgelineError

MAX_CHARACTERS = 100_000
# The largest spec has some 7,000 nodes; an alias counts each time it is used.
_MAX_NODES = 20_000
_TOO_LARGE = "It holds too much, or repeats too much by aliases"


class MalformedTextError(RidgelineError):
    """A text that is neither JSON nor YAML, or cannot be a spec."""

    code = "malformed_text"
    status = 422

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(f"{reason}.", field="text", expected="one spec in JSON or YAML")
        self.line, self.column = line, column


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core schema: `no`, `1:30` and `2026-01-01` are texts, and 1e-4 is a number."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own table

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        text = str(self.construct_scalar(node))
        try:
            return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        except ValueError:
            raise yaml.constructor.ConstructorError(
                None, None, "a number has too many digits", node.start_mark
            ) from None

    def construct_yaml_str(self, node: yaml.ScalarNode) -> str:
        # JSON escapes characters beyond 16 bits as two surrogates.
        return str(self.construct_scalar(node)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:str", _Loader.construct_yaml_str)
for _kind, _pattern, _first in (
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), list(_first))


@dataclass(frozen=True)
class ParsedText:
    """The parsed data, and its text."""

    data: dict[str, Any]
    text: str

    def locate(self, field: str | None) -> tuple[int, int] | None:
        """Line and column of a field, or of its innermost parent in the text; both count from 1."""
        try:
            # Between tokens a tab equals a space; JSON's strings hold none.
            node = _compose(_Loader(self.text.replace("\t", " ")))
        except (yaml.YAMLError, MalformedTextError, RecursionError):
            return None
        mark = node.start_mark
        for part in (field or "body").split("."):
            found = _step(node, part)
            if found is None:
                break
            mark, node = found
        return mark.line + 1, mark.column + 1


def parse_spec_text(text: str) -> ParsedText:
    """Parse a spec's text. Raises MalformedTextError."""
    try:
        data = json.loads(text, object_pairs_hook=_take_pairs)
    except json.JSONDecodeError as error:
        data = _read_yaml(text, error if text.lstrip().startswith("{") else None)
    except RecursionError:
        raise MalformedTextError("It is nested too deeply") from None
    except ValueError:
        raise MalformedTextError("A number has too many digits") from None
    if not isinstance(data, dict):
        raise MalformedTextError("A spec is names with values, such as `epochs: 40`; this is something else", 1, 1)
    return ParsedText(data, text)


def _take_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    taken = dict(pairs)
    if len(taken) < len(pairs):
        # The YAML parser says where.
        raise json.JSONDecodeError("a name stands twice", "", 0)
    return taken


def _read_yaml(text: str, json_error: json.JSONDecodeError | None) -> Any:
    try:
        loader = _Loader(text.replace("\t", " ") if json_error else text)
        return loader.construct_document(_compose(loader))
    except RecursionError:
        raise MalformedTextError("It is nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        if json_error is not None and json_error.doc:
            raise MalformedTextError(f"JSON: {json_error.msg}", json_error.lineno, json_error.colno) from None
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise MalformedTextError(f"YAML: {_explain(error.problem or str(error))}", *place) from None
    except yaml.YAMLError as error:
        raise MalformedTextError(f"YAML: {str(error).splitlines()[0]}") from None


def _explain(problem: str) -> str:
    if "'\\t'" in problem:
        return "a tab cannot indent; use spaces"
    if problem == "but found another document":
        return "a second document begins; a text holds one spec"
    if problem.startswith("mapping values are not allowed"):
        return "a colon stands where no name can; put a text that holds one in quotes"
    if problem.startswith("could not determine a constructor"):
        return f"a spec holds no objects of a program; {problem.removeprefix('could not determine a constructor for ')}"
    return problem


def _compose(loader: _Loader) -> yaml.Node:
    node = loader.get_single_node()
    if node is None:
        raise MalformedTextError("There is nothing in it yet", 1, 1)
    _measure(node, {}, set())
    return node


def _measure(node: yaml.Node, sizes: dict[int, int], above: set[int]) -> int:
    """The number of nodes with aliases expanded: a few lines could become millions."""
    if id(node) in above:
        raise MalformedTextError("An alias stands within what it repeats", node.start_mark.line + 1)
    if id(node) not in sizes:
        above.add(id(node))
        children = _list_children(node)
        sizes[id(node)] = 1 + sum(_measure(child, sizes, above) for child in children)
        above.discard(id(node))
    if sizes[id(node)] > _MAX_NODES:
        raise MalformedTextError(_TOO_LARGE, node.start_mark.line + 1)
    return sizes[id(node)]


def _list_children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if not isinstance(node, yaml.MappingNode):
        return []
    seen: set[str] = set()
    for key, _ in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if name in seen:
            mark = key.start_mark
            raise MalformedTextError(f"“{name}” stands twice", mark.line + 1, mark.column + 1)
        seen.add(name)
    return [child for pair in node.value for child in pair]


def _step(node: yaml.Node, part: str) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        found = next(((key, value) for key, value in node.value if key.value == part), None)
        return found and (found[0].start_mark, found[1])
    if isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value):
        child = node.value[int(part)]
        return child.start_mark, child
    return None
