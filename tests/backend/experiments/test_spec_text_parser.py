"""Specs as a person writes them, in JSON or YAML: read as they are meant, and refused with a line and a sentence."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.experiments.spec_text.spec_text_parser import MalformedTextError, parse_spec_text
from core.demonstration import load_demonstration
from core.spec import ExperimentSpec

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PLAIN = """\
# what I try
name: no
dataset: {name: digits, train_examples: 600}
network:
  name: mlp
  widths: [64]
optimizer:
  name: adam
  learning_rate: 1e-3
regularizers:
  - name: l1
    strengths: [1e-4, 0.001]
epochs: 20
"""


def send(api: httpx.Client, text: str) -> httpx.Response:
    return api.post("/api/spec", json={"text": text})


def refuse(api: httpx.Client, text: str) -> dict[str, Any]:
    """The first detail of the refusal."""
    answer = send(api, text)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["code"] == "invalid_spec"
    detail: dict[str, Any] = error["details"][0]
    return detail


@on_sqlite
def test_yaml_is_read_as_it_is_meant(api: httpx.Client) -> None:
    reading = send(api, PLAIN).json()
    assert reading["spec"]["name"] == "no"
    assert reading["spec"]["optimizer"]["learning_rate"] == 1e-3
    assert reading["spec"]["regularizers"][0]["strengths"] == [1e-4, 1e-3]
    assert (reading["plan"]["runs"], reading["spec"]["epochs"]) == (9, 20)


@on_sqlite
@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_the_demonstration_is_read_back_from_json_and_yaml(api: httpx.Client, indent: int | str | None) -> None:
    spec = load_demonstration()
    data = spec.model_dump(mode="json", by_alias=True)
    for text in (json.dumps(data, indent=indent), yaml.safe_dump(data, allow_unicode=True, sort_keys=False)):
        assert ExperimentSpec.model_validate(send(api, text).json()["spec"]) == spec


@on_sqlite
@pytest.mark.parametrize(
    ("old", "new", "line", "label", "words"),
    [
        ("epochs: 20", "epochs: many", 13, "Epochs", 'Expected a whole number; received "many".'),
        ("epochs: 20", "epoch: 20", 13, "Epoch", "did you mean epochs?"),
        ("  widths: [64]", "  width: [64]", 6, "Network, width", "did you mean widths?"),
        ("1e-4, 0.001", "1e-4, much", 12, "L1, strength 2", "Expected a number"),
        ("1e-4, 0.001", "-1", 12, "L1, strength 1", "≥ 0"),
        ("name: l1", "name: l3", 11, "Regularizer 1", "l3"),
        (
            "{name: digits, train_examples: 600}",
            "{name: wine, train_examples: 600}",
            3,
            "Data, training examples",
            "106",
        ),
        ("  - name: l1\n", "  -\n", 12, "Regularizer 1", "A name is required"),
        ("epochs: 20", "epochs: 20\nepochs: 30", 14, None, "“epochs” stands twice"),
        ("epochs: 20", "epochs: 20: 30", 13, None, "a colon stands where no name can"),
        ("  name: mlp", "\tname: mlp", 5, None, "a tab cannot indent"),
        ("[64]", "[64", 7, None, "expected ',' or ']'"),
        ("name: no", "name: !!python/object:os.system x", 2, None, "no objects of a program"),
        ("epochs: 20", "epochs: " + "1" * 5000, 13, None, "too many digits"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    api: httpx.Client, old: str, new: str, line: int, label: str | None, words: str
) -> None:
    assert old in PLAIN
    detail = refuse(api, PLAIN.replace(old, new))
    assert words in detail["message"]
    assert (detail["line"], detail["label"]) == (line, label)


@on_sqlite
@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{\n"epochs": 20,\n"epochs" 30}', 3, "JSON"),
        ('{\n\t"epochs": 20,\n\t"epochs": 30}', 3, "stands twice"),
        ('{\n\t"epoch": 20}', 2, "did you mean epochs?"),
        ("", 1, "nothing in it"),
        ("# only a remark", 1, "nothing in it"),
        ("- 1", 1, "names with values"),
        ("42", 1, "names with values"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
    ],
)
def test_other_texts_are_refused_in_a_sentence(api: httpx.Client, text: str, line: int, words: str) -> None:
    details = send(api, text).json()["error"]["details"]
    assert [detail["line"] for detail in details if words in detail["message"]] == [line]


@on_sqlite
def test_a_reader_may_ask_and_nothing_is_made(api: httpx.Client) -> None:
    assert send(api, PLAIN).status_code == 200
    assert api.get("/api/experiments").json()["total"] == 0
    assert api.post("/api/spec", json={"text": "x" * 100_001}).status_code == 422
    assert api.post("/api/spec", json={"text": PLAIN, "more": 1}).status_code == 422


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "repeats too much"),
        ("a: &a [*a]", "within what it repeats"),
        ("a: &a {b: *a}", "within what it repeats"),
        ("[" * 5000, "nested too deeply"),
        ("{a: " * 3000, "nested too deeply"),
        ("a:\n" + "".join(f"{' ' * depth}- \n" for depth in range(300)) + "x", ""),
        ("<<: 3", ""),
        ("? [1, 2]\n: 3", ""),
        ("a: !!binary x\ud800", ""),
        ("%YAML 9.9\n--- 1", ""),
        ("a: 0x", ""),
        ("\x00", ""),
    ],
)
def test_texts_that_mean_harm_are_refused_at_once(text: str, words: str) -> None:
    started = time.monotonic()
    assert words in try_text(text)
    assert time.monotonic() - started < 20


def try_text(text: str) -> str:
    """The sentence that a text is refused with; nothing where it is taken."""
    try:
        parse_spec_text(text).locate("a.b.0")
    except MalformedTextError as error:
        lines = text.count("\n") + text.count("\r") + 20
        return error.message if error.line is None or 1 <= error.line <= lines else f"line {error.line}"
    return ""


@given(st.text(max_size=200) | st.text(alphabet=":-[]{}&*!#'\"|>%@ \n\tab1.", max_size=80))
def test_no_text_ends_in_anything_but_a_spec_or_a_sentence(text: str) -> None:
    sentence = try_text(text)
    assert sentence == "" or sentence.endswith(".")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029\ufeff\ufffe\uffff"),
              max_size=12),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text("abc_", min_size=1, max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.text("abcxyz_", min_size=1, max_size=8), values, max_size=5))
def test_json_is_read_the_same_whichever_reader_takes_it(data: dict[str, Any]) -> None:
    for text in (json.dumps(data), json.dumps(data, indent="\t", ensure_ascii=False)):
        assert parse_spec_text(text).data == data
        # A remark makes it YAML.
        assert parse_spec_text(text.replace("\t", " ") + "\n# a remark").data == data
