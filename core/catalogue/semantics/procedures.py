"""Regularizers that change the course of training."""

from __future__ import annotations

from core.catalogue.schemas import Equivalent, Semantics

PROCEDURES: dict[str, Semantics] = {
    "sam": Semantics(
        objective=r"J(w) = \max_{\lVert \epsilon \rVert_2 \le \rho} L(w + \epsilon)",
        acts_on="Where the gradient is taken. The way uphill is along all parameters, biases too; penalties act at w.",
        way="second pass",
        explanation="The gradient of a second pass over the same batch, with the same noise, at w + ρ·g/‖g‖₂, is that "
        "of the step from w. To first order that is J; the reported loss is L.",
        none_in="None of them brings it along; the authors' code is for JAX.",
    ),
    "early_stopping": Semantics(
        objective="J(w) = L(w)",
        acts_on="When the training ends, and which epoch counts: that of the lowest validation loss.",
        way="end",
        explanation="Each run trains as the baseline does, until so many epochs in a row brought no new lowest "
        "validation loss.",
        equivalents=[
            Equivalent(
                library="Keras",
                code='keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)',
            ),
        ],
        none_in="MLPClassifier of scikit-learn watches the score, on a split of its own; torch and glmnet have none.",
    ),
}
