"""Regularizers that change examples, targets or activations at random, or blend them."""

from __future__ import annotations

from core.catalogue.schemas import Equivalent, Semantics

_IN_TRAINING = "In training only; losses and scores are measured without it."

NOISE: dict[str, Semantics] = {
    "dropout": Semantics(
        objective=r"J(w) = \mathbb{E}_m\, L(w; m), \quad m_i \sim \operatorname{Bernoulli}(1 - p)",
        acts_on=f"The units of every hidden layer; of a linear network its inputs. {_IN_TRAINING}",
        way="noise",
        explanation="A unit is kept where its own uniform number is below 1 − p, and then scaled by 1/(1 − p). The "
        "numbers are the same at every p, so that a weaker dropout keeps all that a stronger one keeps.",
        equivalents=[
            Equivalent(library="PyTorch", code="torch.nn.Dropout(p)"),
            Equivalent(library="Keras", code="keras.layers.Dropout(p)"),
        ],
        none_in="scikit-learn and glmnet have none.",
    ),
    "stochastic_depth": Semantics(
        objective=r"J(w) = \mathbb{E}_b\, L(w; b), \quad b_l \sim \operatorname{Bernoulli}(1 - p\, l / L)",
        acts_on=f"The branches of residual blocks, each example by itself. {_IN_TRAINING}",
        way="noise",
        explanation="The branch of block l of L is left out with probability p·l/L, and else scaled by 1/(1 − p·l/L).",
        equivalents=[
            Equivalent(library="PyTorch", code='torchvision.ops.StochasticDepth(p * l / L, mode="row")'),
        ],
        none_in="scikit-learn and glmnet have no residual networks, and Keras no such layer.",
    ),
    "label_smoothing": Semantics(
        objective=r"J(w) = (1 - \varepsilon)\, L(w; y) + \tfrac{\varepsilon}{K} \sum_k L(w; k)",
        acts_on="The targets. Reported losses are of the true ones.",
        way="targets",
        explanation="Training minimizes the cross-entropy with the target (1 − ε)·y + ε/K.",
        equivalents=[
            Equivalent(library="PyTorch", code="torch.nn.CrossEntropyLoss(label_smoothing=ε)"),
            Equivalent(library="Keras", code="keras.losses.CategoricalCrossentropy(label_smoothing=ε)"),
        ],
        none_in="scikit-learn and glmnet have none.",
    ),
    "mixup": Semantics(
        objective=r"J(w) = \mathbb{E}_{\gamma}\; \gamma L(w; \tilde{x}, y) + (1 - \gamma)\, L(w; \tilde{x}, y')",
        acts_on=f"The inputs and targets of each batch, whose examples are blended with one another. {_IN_TRAINING}",
        way="noise",
        explanation="One γ a batch, the quantile of Beta(α, α) at a uniform number that is the same at every α. The "
        "batch losses are those of the blends.",
        equivalents=[
            Equivalent(library="PyTorch", code="torchvision.transforms.v2.MixUp(alpha=α, num_classes=K)"),
        ],
        none_in="scikit-learn, Keras's own layers and glmnet have none.",
    ),
    "gaussian_noise": Semantics(
        objective=r"J(w) = \mathbb{E}_{\epsilon}\, L(w; x + \sigma\epsilon), \quad \epsilon \sim \mathcal{N}(0, 1)",
        acts_on=f"Every number of the inputs, in the unit of the prepared data. {_IN_TRAINING}",
        way="noise",
        explanation="Drawn anew each step, the same ε at every σ.",
        equivalents=[
            Equivalent(library="PyTorch", code="x + σ * torch.randn_like(x)"),
            Equivalent(library="Keras", code="keras.layers.GaussianNoise(σ)"),
        ],
        none_in="scikit-learn and glmnet have none.",
    ),
}
