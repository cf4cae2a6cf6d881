"""Regularizers that act on the weights."""

from __future__ import annotations

from core.catalogue.schemas import Equivalent, Semantics

_WEIGHTS = "All weights. Biases, gains and shifts of normalization are spared, unless penalize_biases is on."
_ROWS = (
    "The weights into each unit together: a row of a weight matrix, a filter of a convolution. Biases are spared, "
    "unless penalize_biases is on; a layer's biases are then one row."
)
_COUPLED = (
    "Its gradient is added to that of the loss before the optimizer sees it, so that momentum carries it along and an "
    "adaptive optimizer scales it with the rest."
)
_PROXIMAL = (
    "After the optimizer's step, by the proximal map in the step's own metric: η is what the optimizer multiplied the "
    "gradient of that weight by. Exact zeros come out, and the optimum is that of J under every optimizer."
)
_STRONGEST_L1 = r"\lambda_{\max} = \max_j \lvert \partial_j L(0) \rvert"
_ONE_TARGET = "where the target has deviation 1; else λ·sd(y)"

PENALTIES: dict[str, Semantics] = {
    "none": Semantics(
        objective="J(w) = L(w)",
        acts_on="Nothing.",
        way="nothing",
        explanation="The optimizer's step, and nothing else.",
    ),
    "l2": Semantics(
        objective=r"J(w) = L(w) + \tfrac{\lambda}{2} \lVert w \rVert_2^2",
        acts_on=_WEIGHTS,
        way="coupled",
        explanation=_COUPLED,
        equivalents=[
            Equivalent(
                library="PyTorch",
                code="torch.optim.Adam(weights, weight_decay=λ)",
                note="any optimizer of torch but AdamW; beside MSELoss, which lacks the ½, weight_decay=2·λ",
            ),
            Equivalent(library="scikit-learn", linear=True, code="Ridge(alpha=n * λ)", task="regression"),
            Equivalent(
                library="scikit-learn", linear=True, code="LogisticRegression(C=1 / (n * λ))", task="classification"
            ),
            Equivalent(library="Keras", code="keras.regularizers.L2(λ / 2)"),
            Equivalent(library="glmnet", linear=True, code="glmnet(x, y, alpha = 0, lambda = λ)", note=_ONE_TARGET),
        ],
    ),
    "l1": Semantics(
        objective=r"J(w) = L(w) + \lambda \lVert w \rVert_1",
        acts_on=_WEIGHTS,
        way="proximal",
        explanation=_PROXIMAL,
        largest=_STRONGEST_L1,
        equivalents=[
            Equivalent(
                library="PyTorch",
                code="torch.nn.functional.softshrink(w, η * λ)",
                note="in place of w after each step of plain SGD; no optimizer of torch does it",
            ),
            Equivalent(library="scikit-learn", linear=True, code="Lasso(alpha=λ)", task="regression"),
            Equivalent(
                library="scikit-learn",
                linear=True,
                code='LogisticRegression(solver="saga", l1_ratio=1, C=1 / (n * λ))',
                task="classification",
            ),
            Equivalent(
                library="Keras",
                code="keras.regularizers.L1(λ)",
                note="the same J, by its subgradient: without exact zeros",
            ),
            Equivalent(library="glmnet", linear=True, code="glmnet(x, y, alpha = 1, lambda = λ)"),
        ],
    ),
    "l1_subgradient": Semantics(
        objective=r"J(w) = L(w) + \lambda \lVert w \rVert_1",
        acts_on=_WEIGHTS,
        way="subgradient",
        explanation=f"{_COUPLED} At 0 the subgradient is taken as 0; a weight steps over 0 and back, and almost never "
        "rests there.",
        largest=_STRONGEST_L1,
        equivalents=[
            Equivalent(library="PyTorch", code="λ * sum(w.abs().sum() for w in weights)", note="added to the loss"),
            Equivalent(library="Keras", code="keras.regularizers.L1(λ)"),
        ],
        none_in="scikit-learn and glmnet minimize this J exactly: see L1.",
    ),
    "elastic_net": Semantics(
        objective=r"J(w) = L(w) + \lambda \left( a \lVert w \rVert_1 + \tfrac{1 - a}{2} \lVert w \rVert_2^2 \right)",
        acts_on=_WEIGHTS,
        way="proximal",
        explanation=_PROXIMAL,
        largest=r"\lambda_{\max} = \tfrac{1}{a} \max_j \lvert \partial_j L(0) \rvert",
        equivalents=[
            Equivalent(
                library="scikit-learn", linear=True, code="ElasticNet(alpha=λ, l1_ratio=mixing)", task="regression"
            ),
            Equivalent(
                library="scikit-learn",
                linear=True,
                code='LogisticRegression(solver="saga", l1_ratio=mixing, C=1 / (n * λ))',
                task="classification",
            ),
            Equivalent(
                library="Keras",
                code="keras.regularizers.L1L2(l1=λ * mixing, l2=λ * (1 - mixing) / 2)",
                note="the same J, by its subgradient: without exact zeros",
            ),
            Equivalent(
                library="glmnet",
                linear=True,
                code="glmnet(x, y, alpha = mixing, lambda = λ)",
                note="the same where the target has deviation 1",
            ),
        ],
        none_in="No optimizer of torch has a proximal step.",
    ),
    "group_lasso": Semantics(
        objective=r"J(w) = L(w) + \lambda \sum_j \sqrt{n_j} \lVert w_j \rVert_2",
        acts_on=_ROWS,
        way="proximal",
        explanation=f"{_PROXIMAL} Whole rows become 0 together.",
        largest=r"\lambda_{\max} = \max_j \lVert \partial_{w_j} L(0) \rVert_2 / \sqrt{n_j}",
        none_in="None of them has it: MultiTaskLasso of scikit-learn and the multi-response glmnet group the weights "
        "of a feature over the outputs, here it is those of a unit over its inputs.",
    ),
    "weight_decay": Semantics(
        objective=r"J(w) = L(w), \quad w \leftarrow (1 - \eta\lambda)\, w \text{ beside each step}",
        acts_on=_WEIGHTS,
        way="decoupled",
        explanation="Before the step, by the learning rate of the schedule, outside the optimizer's moments. With an "
        "adaptive optimizer that is the gradient of no penalty; with plain SGD it is L2 of the same λ.",
        equivalents=[
            Equivalent(library="PyTorch", code="torch.optim.AdamW(weights, weight_decay=λ)"),
            Equivalent(library="Keras", code="keras.optimizers.AdamW(weight_decay=λ)"),
        ],
        none_in="scikit-learn and glmnet have no steps that could decay.",
    ),
    "tensor_norm": Semantics(
        objective=r"J(w) = L(w) + \lambda \sum_t \lVert W_t \rVert_p",
        acts_on="Each weight tensor as a whole. Biases are spared, unless penalize_biases is on.",
        way="subgradient",
        explanation=f"{_COUPLED} With p = 2 the pull on a tensor has the constant length λ however small it is.",
        largest=r"\lambda_{\max} = \lVert \nabla L(0) \rVert_q, \quad \tfrac{1}{p} + \tfrac{1}{q} = 1",
        equivalents=[
            Equivalent(library="PyTorch", code="λ * sum(torch.norm(w, p) for w in weights)", note="added to the loss"),
        ],
        none_in="scikit-learn, Keras and glmnet square the norm of p = 2: that is L2.",
    ),
    "max_norm": Semantics(
        objective=r"\min_w L(w) \quad \text{subject to} \quad \lVert w_j \rVert_2 \le c",
        acts_on=_ROWS,
        way="projection",
        explanation="After the step, and after every proximal map, a longer row is scaled back to length c. The start "
        "is not projected.",
        equivalents=[
            Equivalent(
                library="PyTorch", code="torch.renorm(w, p=2, dim=0, maxnorm=c)", note="in place of w after each step"
            ),
            Equivalent(library="Keras", code="keras.constraints.MaxNorm(c, axis=0)"),
        ],
        none_in="scikit-learn and glmnet have no such bound.",
    ),
}
