"""No regularizer without what it means exactly."""

from __future__ import annotations

import pytest

from core.catalogue import REGULARIZERS
from core.catalogue.semantics import SEMANTICS
from core.spec.regularizer import REGULARIZER_CLASSES

# And how sentences name them.
LIBRARIES = {"PyTorch": "torch", "scikit-learn": "scikit-learn", "Keras": "Keras", "glmnet": "glmnet"}


def test_every_regularizer_of_the_spec_has_its_semantics_and_nothing_else_has() -> None:
    assert set(SEMANTICS) == {"none", *REGULARIZER_CLASSES}
    for name, entry in REGULARIZERS.items():
        assert entry.semantics is SEMANTICS[name]


@pytest.mark.parametrize("name", REGULARIZER_CLASSES)
def test_every_library_has_an_equivalent_or_is_said_to_have_none(name: str) -> None:
    semantics = SEMANTICS[name]
    for text in (semantics.objective, semantics.acts_on, semantics.explanation):
        assert text.strip()
    named = {each.library for each in semantics.equivalents}
    for library, word in LIBRARIES.items():
        is_excused = word in semantics.none_in or "None of them" in semantics.none_in
        assert (library in named) != is_excused, f"{name}: {library}"


@pytest.mark.parametrize("name", REGULARIZER_CLASSES)
def test_what_penalizes_weights_says_what_it_spares(name: str) -> None:
    is_penalty = REGULARIZER_CLASSES[name].penalizes_weights
    assert is_penalty == ("spared, unless penalize_biases" in SEMANTICS[name].acts_on)
    if is_penalty:
        assert SEMANTICS[name].way in ("coupled", "subgradient", "proximal", "decoupled", "projection")


@pytest.mark.parametrize("name", REGULARIZER_CLASSES)
def test_code_names_the_strength_by_its_symbol(name: str) -> None:
    for each in SEMANTICS[name].equivalents:
        assert REGULARIZER_CLASSES[name].symbol in each.code
