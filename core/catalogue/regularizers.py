"""Every regularizer: its definition, how it is optimized, and the strengths that a form offers."""

from __future__ import annotations

from typing import get_args

from core.analysis.formatting import get_scale, get_symbol, label_regularizer
from core.catalogue.parameters import derive_parameters
from core.catalogue.schemas import Regularizer, StrengthRange
from core.spec import BASELINE, Grid, RegularizerBase
from core.spec.regularizer import (
    L1,
    L2,
    SAM,
    Dropout,
    EarlyStopping,
    ElasticNet,
    GaussianNoise,
    GroupLasso,
    L1Subgradient,
    LabelSmoothing,
    MaxNorm,
    Mixup,
    RegularizerSpec,
    StochasticDepth,
    TensorNorm,
    WeightDecay,
)

_SHARED = frozenset({"name", "strengths"})
_SOFT = r"S(x, t) = \operatorname{sign}(x)\,\max(|x| - t,\, 0)"


def _name(spec: type[RegularizerBase]) -> str:
    name: str = get_args(spec.model_fields["name"].annotation)[0]
    return name


def _describe(
    spec: type[RegularizerBase], formula: str, update: str, help: str, source: str, default: Grid | list[float]
) -> Regularizer:
    name = _name(spec)
    legal = spec.legal
    return Regularizer(
        name=name,
        label=label_regularizer(name),
        symbol=get_symbol(name),
        formula=formula,
        update=update,
        help=help,
        source=source,
        strength=StrengthRange(
            low=legal.low,
            high=legal.high,
            open_low=legal.open_low,
            whole=legal.whole,
            smaller_is_stronger=spec.smaller_is_stronger,
            scale=get_scale(name),
            default=default,
        ),
        parameters=derive_parameters(spec, _SHARED),
    )


def _log_grid(start: float, stop: float, count: int) -> Grid:
    return Grid(start=start, stop=stop, count=count)


_BASELINE = Regularizer(
    name=BASELINE,
    label=label_regularizer(BASELINE),
    symbol=get_symbol(BASELINE),
    formula=r"\Omega(w) = 0",
    update=r"w \leftarrow w - \eta\, g",
    help="No regularization: what every other run is compared with, seed by seed; it is always added.",
    source="Every experiment has it",
    strength=None,
)

_DESCRIBED = (
    _describe(
        L2,
        r"\lambda \cdot \tfrac{1}{2} \sum_i w_i^2",
        r"g \leftarrow g + \lambda w",
        "Pulls every weight towards 0 in proportion to its size; the gradient λw enters the optimizer's moments, "
        "as torch's weight_decay does.",
        "Hoerl & Kennard 1970, Technometrics 12(1)",
        _log_grid(1e-5, 1e-1, 9),
    ),
    _describe(
        L1,
        r"\lambda \sum_i |w_i|",
        r"w \leftarrow S(w, \eta\lambda), \quad " + _SOFT,
        "Sets weights to exactly 0, the more the larger λ, by soft thresholding after each step.",
        "Tibshirani 1996, JRSS B 58(1); Beck & Teboulle 2009, SIAM J. Imaging Sci. 2(1)",
        _log_grid(1e-6, 1e-2, 9),
    ),
    _describe(
        L1Subgradient,
        r"\lambda \sum_i |w_i|",
        r"g \leftarrow g + \lambda \operatorname{sign}(w)",
        "The same penalty as tutorials optimize it: weights come close to 0 but almost never reach it.",
        "Shor 1985, Minimization Methods for Non-Differentiable Functions",
        _log_grid(1e-6, 1e-2, 9),
    ),
    _describe(
        ElasticNet,
        r"\lambda \left( a \sum_i |w_i| + \tfrac{1 - a}{2} \sum_i w_i^2 \right)",
        r"w \leftarrow \frac{S(w, \eta\lambda a)}{1 + \eta\lambda(1 - a)}, \quad " + _SOFT,
        "L1 and L2 in one: exact zeros, yet correlated inputs are kept together.",
        "Zou & Hastie 2005, JRSS B 67(2)",
        _log_grid(1e-6, 1e-2, 9),
    ),
    _describe(
        GroupLasso,
        r"\lambda \sum_j \sqrt{n_j}\, \lVert w_j \rVert_2",
        r"w_j \leftarrow w_j \max\!\left( 1 - \frac{\eta\lambda\sqrt{n_j}}{\lVert w_j \rVert_2},\, 0 \right), \quad "
        r"w_j \text{ the } n_j \text{ weights into unit } j",
        "Sets all weights into a unit (of a linear network: of a class) to exactly 0 together, in more of them the "
        "larger λ.",
        "Yuan & Lin 2006, JRSS B 68(1)",
        _log_grid(1e-6, 1e-2, 9),
    ),
    _describe(
        WeightDecay,
        r"w \leftarrow (1 - \eta\lambda)\, w - \eta \cdot \text{step}",
        r"w \leftarrow (1 - \eta\lambda)\, w \quad \text{beside the step, outside the moments}",
        "Shrinks the weights beside the optimizer's step, as AdamW does; equal to L2 for plain SGD, not for Adam, so "
        "its λ is a scale of its own.",
        "Loshchilov & Hutter 2019, arXiv 1711.05101",
        _log_grid(1e-3, 1e1, 9),
    ),
    _describe(
        TensorNorm,
        r"\lambda \sum_t \lVert W_t \rVert_p",
        r"g \leftarrow g + \lambda\, \partial \lVert W_t \rVert_p",
        "torch.norm of each weight tensor, summed: what many tutorials call L2, yet with p = 2 its pull has a "
        "constant size, so it is no ridge.",
        "Yuan & Lin 2006, JRSS B 68(1): a group lasso with one group per tensor",
        _log_grid(1e-5, 1e-1, 9),
    ),
    _describe(
        MaxNorm,
        r"\lVert w_j \rVert_2 \le c \quad \text{for the weights } w_j \text{ into each unit } j",
        r"w_j \leftarrow w_j \min\!\left( 1,\, \frac{c}{\lVert w_j \rVert_2} \right) \text{ after each step}",
        "Caps the length of the weights into each unit at c, so that a smaller c regularizes more; what is shorter is "
        "left as it is.",
        "Srebro, Rennie & Jaakkola 2005, NIPS 17; Srivastava et al. 2014, JMLR 15",
        [0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 2.0, 4.0],
    ),
    _describe(
        Dropout,
        r"h \leftarrow \frac{m \odot h}{1 - p}, \quad m_i \sim \operatorname{Bernoulli}(1 - p)",
        r"m \text{ drawn anew each step; off in evaluation}",
        "Drops each hidden unit (of a linear network: each input) with probability p while training, so that none can "
        "rely on another.",
        "Srivastava et al. 2014, JMLR 15",
        [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    ),
    _describe(
        StochasticDepth,
        r"h \leftarrow h + \frac{b_l}{1 - p_l} f_l(h), \quad b_l \sim \operatorname{Bernoulli}(1 - p_l), "
        r"\quad p_l = \tfrac{l}{L}\, p",
        r"b_l \text{ drawn anew for each example and block; off in evaluation}",
        "Leaves out the branch of residual block l of L with probability p·l/L while training, so that the network is "
        "trained at many depths; for resnet.",
        "Huang et al. 2016, arXiv 1603.09382",
        [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    ),
    _describe(
        EarlyStopping,
        r"w \leftarrow w_{t^*}, \quad t^* = \arg\min_t L_{\text{val}}(t)",
        r"\text{the run ends at epoch } t^* + \text{patience}",
        "Ends a run once so many epochs in a row brought no new lowest validation loss, and its best epoch is what "
        "counts; a smaller patience regularizes more.",
        "Prechelt 1998, Early Stopping — But When?, LNCS 1524",
        [1, 2, 3, 5, 8, 13, 20],
    ),
    _describe(
        LabelSmoothing,
        r"y \leftarrow (1 - \varepsilon)\, y + \frac{\varepsilon}{K}",
        r"\text{trained on } (1 - \varepsilon)\, L(y) + \frac{\varepsilon}{K} \sum_k L(k)",
        "Gives every class a share of the target, so that no output grows without end; the losses shown stay the plain "
        "cross-entropy.",
        "Szegedy et al. 2016, arXiv 1512.00567",
        [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5],
    ),
    _describe(
        Mixup,
        r"\tilde{x} = \gamma x + (1 - \gamma)\, x', \quad \gamma \sim \operatorname{Beta}(\alpha, \alpha)",
        r"\text{trained on } \gamma L(y) + (1 - \gamma)\, L(y'), \text{ one } \gamma \text{ a batch}",
        "Trains on blends of two examples and of their losses, the more even the larger α; the batch losses shown are "
        "those of the blends.",
        "Zhang et al. 2018, arXiv 1710.09412",
        Grid(start=0.05, stop=6.4, count=8),
    ),
    _describe(
        GaussianNoise,
        r"x \leftarrow x + \sigma\, \epsilon, \quad \epsilon \sim \mathcal{N}(0, 1)",
        r"\epsilon \text{ drawn anew each step; off in evaluation}",
        "Adds noise to the inputs while training, in the unit of the prepared inputs, so that small changes of them "
        "matter less.",
        "Bishop 1995, Neural Computation 7(1)",
        Grid(start=0.03, stop=3.84, count=8),
    ),
    _describe(
        SAM,
        r"\min_w \max_{\lVert \epsilon \rVert_2 \le \rho} L(w + \epsilon)",
        r"g \leftarrow \nabla L\!\left( w + \rho \frac{g}{\lVert g \rVert_2} \right) \text{ for the step from } w",
        "Takes the gradient a distance ρ uphill, at nearly the worst place around the weights, which leads to flat "
        "minima; a step costs two passes.",
        "Foret et al. 2021, arXiv 2010.01412",
        Grid(start=0.0125, stop=1.6, count=8),
    ),
)

# In the order of the spec, the baseline first.
_ORDER = [_name(spec) for spec in get_args(get_args(RegularizerSpec)[0])]
REGULARIZERS: dict[str, Regularizer] = {
    BASELINE: _BASELINE,
    **{entry.name: entry for entry in sorted(_DESCRIBED, key=lambda entry: _ORDER.index(entry.name))},
}
