"""The equivalents that the catalogue names, checked by numbers: their code is run as it stands there."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
import torchvision.transforms.v2
from sklearn import linear_model
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from torch.nn import functional

from core.catalogue.schemas import Equivalent
from core.catalogue.semantics import SEMANTICS
from core.planning import plan_runs
from core.spec.regularizer import REGULARIZER_CLASSES
from tests.worker.training.sweeps import collect, get_completed, make_spec, regularize, train_sweep
from worker.training.regularizers import REGULARIZERS, Regularizer, make_regularizer

MIXING = 0.3
LEARN = [
    (name, each)
    for name, semantics in SEMANTICS.items()
    for each in semantics.equivalents
    if each.library == "scikit-learn"
]


def find(name: str) -> Equivalent:
    """That of torch."""
    return next(each for each in SEMANTICS[name].equivalents if each.library == "PyTorch")


def run(code: str, **names: Any) -> Any:
    """The catalogue's own words as Python."""
    return eval(code, {"torch": torch, "torchvision": torchvision, **vars(linear_model), **names})  # noqa: S307


@pytest.mark.parametrize("strength", [0.01, 0.1])
@pytest.mark.parametrize(("name", "equivalent"), LEARN, ids=[f"{name}-{each.task}" for name, each in LEARN])
def test_scikit_learn_comes_to_the_same_coefficients(name: str, equivalent: Equivalent, strength: float) -> None:
    is_regression = equivalent.task == "regression"
    load = load_diabetes if is_regression else load_breast_cancer
    x, y = load(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    y = (y - y.mean()) / y.std() if is_regression else y
    model = run(equivalent.code, λ=strength, n=len(y), mixing=MIXING).set_params(max_iter=200_000, tol=1e-10).fit(x, y)
    regularizer = {"name": name, "strengths": [strength]} | ({"mixing": MIXING} if name == "elastic_net" else {})
    spec = make_spec(
        "linear",
        dataset={"name": "diabetes" if is_regression else "breast_cancer", "use_all_rows": True},
        regularizers=[regularizer],
        optimizer={"name": "fista"},
        batch_size="full",
        precision="float64",
        epochs=2000,
        tolerance=1e-13,
    )
    found = get_completed(collect(spec, runs=plan_runs(spec)[-1:])).coefficients
    assert found is not None
    np.testing.assert_allclose(found.weights[0].flatten(), np.ravel(model.coef_), rtol=1e-4, atol=2e-6)


def train(**changes: Any) -> list[Tensor]:
    return train_sweep(make_spec("mlp", **changes))


def test_the_weight_decay_of_torchs_adam_is_l2_and_of_adamw_is_weight_decay() -> None:
    """The engine's optimizers equal torch's step by step, which is another test."""
    for name, optimizer in (("l2", "Adam"), ("weight_decay", "AdamW")):
        weight = torch.nn.Parameter(torch.ones(3))
        made = run(find(name).code, λ=0.03, weights=[weight])
        assert type(made) is getattr(torch.optim, optimizer)
        own = {"name": optimizer.lower(), "learning_rate": 0.002}
        decayed = own | {"weight_decay": made.param_groups[0]["weight_decay"]}
        (baseline,) = train(optimizer=decayed, regularizers=[])
        _, regularized = train(optimizer=own, regularizers=regularize(name, strengths=(0.03,)))
        torch.testing.assert_close(regularized, baseline, rtol=1e-5, atol=1e-6)


def make(name: str, strength: float, **parameters: float) -> Regularizer:
    return make_regularizer(name, torch.tensor([strength], dtype=torch.float64), parameters)


def draw(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def test_soft_thresholds_and_caps_are_torchs() -> None:
    weight = draw(1, 5, 4)
    shrunk, capped = weight.clone(), weight.clone()
    make("l1", 0.4).shrink(shrunk, torch.tensor([[[0.5 * 0.4]]], dtype=torch.float64))
    torch.testing.assert_close(shrunk[0], run(find("l1").code, w=weight[0], η=0.5, λ=0.4))
    make("max_norm", 1.2).project(capped)
    # torch divides by the norm and 1e-7.
    torch.testing.assert_close(capped[0], run(find("max_norm").code, w=weight[0], c=1.2), rtol=1e-6, atol=1e-9)
    assert not torch.equal(capped, weight)


@pytest.mark.parametrize(
    ("name", "parameters"), [("l1_subgradient", {}), ("tensor_norm", {"p": 1}), ("tensor_norm", {"p": 2})]
)
def test_penalties_that_are_added_to_the_loss_are_omega(name: str, parameters: dict[str, float]) -> None:
    weights = [draw(1, 5, 4), draw(1, 2, 5)]
    regularizer = make(name, 0.3, **parameters)
    added = run(find(name).code, λ=0.3, weights=[weight[0] for weight in weights], **parameters)
    torch.testing.assert_close(added, 0.3 * regularizer.compute_omega(weights)[0])


def test_label_smoothing_is_torchs() -> None:
    outputs, y = draw(6, 4), torch.tensor([0, 3, 1, 1, 2, 0])
    theirs = run(find("label_smoothing").code, ε=0.2)(outputs, y)
    plain = functional.cross_entropy(outputs, y)
    uniform = -functional.log_softmax(outputs, 1).mean()
    torch.testing.assert_close(theirs, 0.8 * plain + 0.2 * uniform)


def test_dropped_shares_and_factors_are_torchs() -> None:
    layer = run(find("dropout").code, p=0.3)
    ones = layer(torch.ones(100_000))
    mask = make("dropout", 0.3).make_mask(torch.rand(1, 1, 100_000))
    for values in (ones.double(), mask.flatten()):
        assert sorted({round(float(value), 5) for value in values}) == [0.0, round(1 / 0.7, 5)]
        assert float((values == 0).double().mean()) == pytest.approx(0.3, abs=0.01)
    branch = run(find("stochastic_depth").code, p=0.4, l=1, L=2)
    mask = make("stochastic_depth", 0.4).make_branch_mask(torch.rand(1, 100_000), 1, 2)
    for values in (branch(torch.ones(100_000, 1)).double().flatten(), mask.flatten()):
        assert sorted({round(float(value), 5) for value in values}) == [0.0, 1.25]
        assert float((values == 0).double().mean()) == pytest.approx(0.2, abs=0.01)


def test_noise_and_blends_are_of_the_same_size() -> None:
    x = torch.zeros(200_000)
    assert float(run(find("gaussian_noise").code, x=x, σ=0.3).std()) == pytest.approx(0.3, rel=0.01)
    blend = run(find("mixup").code, α=0.4, K=3)
    shares = torch.stack(
        [blend(torch.eye(2).view(2, 1, 1, 2), torch.tensor([0, 1]))[0][0, 0, 0, 0] for _ in range(4000)]
    )
    # Beta(α, α) has the variance 1/(4·(2α + 1)).
    assert float(shares.std()) == pytest.approx(sqrt(1 / (4 * 1.8)), rel=0.05)


@pytest.mark.parametrize("name", REGULARIZER_CLASSES)
def test_a_largest_strength_is_given_where_theory_has_one(name: str) -> None:
    is_computed = REGULARIZERS[name].find_largest_strength is not Regularizer.find_largest_strength
    assert bool(SEMANTICS[name].largest) == is_computed


def test_nothing_of_torch_is_left_unchecked() -> None:
    checked = {
        "l2", "weight_decay", "l1", "max_norm", "l1_subgradient", "tensor_norm", "label_smoothing", "dropout",
        "stochastic_depth", "gaussian_noise", "mixup",
    }  # fmt: skip
    named = {
        name for name, semantics in SEMANTICS.items() for each in semantics.equivalents if each.library == "PyTorch"
    }
    assert named == checked
