"""ExperimentSpec: what it fills in, what it refuses, and that it survives JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.spec import ExperimentSpec
from core.spec.regularizers.base import LEAST_STRENGTH

BASE: dict[str, Any] = {"dataset": {"name": "digits"}, "network": {"name": "mlp"}, "optimizer": {"name": "adam"}}
finite = st.just(0.0) | st.floats(LEAST_STRENGTH, 1e6)
regularizers = st.sampled_from(["l1", "l2", "l1_subgradient", "weight_decay", "elastic_net", "tensor_norm"])


def make(**change: Any) -> ExperimentSpec:
    return ExperimentSpec.model_validate(BASE | change)


def find_field(**change: Any) -> str:
    """The one field that the refusal names."""
    with pytest.raises(ValidationError) as caught:
        make(**change)
    (error,) = caught.value.errors()
    return ".".join(
        str(part) for part in (*error["loc"], *([error["ctx"]["field"]] if "field" in error["ctx"] else []))
    )


@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": regularizers, "strengths": st.lists(finite, min_size=1, max_size=5, unique=True)}
        ),
        max_size=4,
        unique_by=lambda entry: entry["name"],
    ),
    st.integers(1, 5) | st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5, unique=True),
    st.integers(1, 100),
)
def test_json_and_back_changes_nothing(entries: list[dict[str, Any]], seeds: int | list[int], epochs: int) -> None:
    spec = make(regularizers=entries, seeds=seeds, epochs=epochs)
    assert ExperimentSpec.model_validate_json(spec.model_dump_json()) == spec
    assert ExperimentSpec.model_validate(spec.model_dump(mode="json")) == spec
    count = seeds if isinstance(seeds, int) else len(seeds)
    assert spec.count_runs() == (1 + sum(len(entry["strengths"]) for entry in entries)) * count


def test_seeds_are_counted_from_zero_or_listed() -> None:
    assert make(seeds=3).list_seeds() == [0, 1, 2]
    assert make(seeds=[7, 3]).list_seeds() == [7, 3]


def test_text_is_kept_as_text() -> None:
    spec = make(name="  <script>alert(1)</script>  ", notes="a\n\tb", tags=[" x "])
    assert (spec.name, spec.notes, spec.tags) == ("<script>alert(1)</script>", "a\n\tb", ["x"])


UNSEEN = st.text(st.characters(categories=["Cf", "Zs"]) | st.sampled_from("\u2800\u3164\ufe0f"), min_size=1, max_size=9)


@given(UNSEEN)
def test_a_line_that_cannot_be_seen_is_no_name_and_no_tag(text: str) -> None:
    assert make(name=text).name == ""
    assert make(name=f"{text}\U0001f600{text}").name != ""
    with pytest.raises(ValidationError, match="a visible tag"):
        make(tags=[text])


@given(st.characters(categories=["Cc"]))
def test_control_characters_are_refused_in_names(char: str) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        make(name=f"a{char}b")


def test_whole_models_name_the_field_that_is_to_blame() -> None:
    l1 = {"name": "l1", "strengths": [0.1]}
    assert find_field(regularizers=[l1, {"name": "l2", "strengths": [0.1]}, l1]) == "regularizers.2"
    assert find_field(seeds=[4, 4]) == "seeds"
    assert find_field(optimizer={"name": "sgd", "nesterov": True}) == "optimizer.sgd.nesterov"
    assert find_field(dataset={"name": "wine", "samples": 50}) == "dataset.samples"
    assert find_field(dataset={"name": "wine", "validation_fraction": 0.5, "test_fraction": 0.5}).startswith("dataset.")
    assert find_field(regularizers=[{"name": "l1", "strengths": [0.1, -1]}]) == "regularizers.0.l1.strengths.1"


def test_nothing_unknown_is_taken() -> None:
    for change in ({"colour": 1}, {"network": {"name": "mlp", "depth": 3}}, {"dataset": {"name": "digits", "url": ""}}):
        with pytest.raises(ValidationError, match="not permitted"):
            make(**change)
