"""Regularizers that act on the weights: penalties, weight decay, and a cap on norms."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.spec.regularizers.base import Interval, RegularizerBase
from core.spec.strength import Grid

_SOFT = r"S(x, t) = \operatorname{sign}(x)\,\max(|x| - t,\, 0)"


class L2(RegularizerBase):
    name: Literal["l2"]

    label: ClassVar[str] = "L2"
    offered: ClassVar[Grid | list[float]] = Grid(start=1e-5, stop=1e-1, count=9)
    penalizes_weights: ClassVar[bool] = True
    suits_fista: ClassVar[bool] = True
    formula: ClassVar[str] = r"\lambda \cdot \tfrac{1}{2} \sum_i w_i^2"
    update: ClassVar[str] = r"g \leftarrow g + \lambda w"
    help: ClassVar[str] = (
        "Pulls every weight towards 0 in proportion to its size; the gradient λw enters the optimizer's moments, "
        "as torch's weight_decay does."
    )
    source: ClassVar[str] = "Hoerl & Kennard 1970, Technometrics 12(1)"


class L1(RegularizerBase):
    name: Literal["l1"]

    label: ClassVar[str] = "L1"
    offered: ClassVar[Grid | list[float]] = Grid(start=1e-6, stop=1e-2, count=9)
    penalizes_weights: ClassVar[bool] = True
    suits_fista: ClassVar[bool] = True
    formula: ClassVar[str] = r"\lambda \sum_i |w_i|"
    update: ClassVar[str] = r"w \leftarrow S(w, \eta\lambda), \quad " + _SOFT
    help: ClassVar[str] = "Sets weights to exactly 0, the more the larger λ, by soft thresholding after each step."
    source: ClassVar[str] = "Tibshirani 1996, JRSS B 58(1); Beck & Teboulle 2009, SIAM J. Imaging Sci. 2(1)"


class L1Subgradient(RegularizerBase):
    name: Literal["l1_subgradient"]

    label: ClassVar[str] = "L1 (subgradient)"
    offered: ClassVar[Grid | list[float]] = Grid(start=1e-6, stop=1e-2, count=9)
    penalizes_weights: ClassVar[bool] = True
    formula: ClassVar[str] = r"\lambda \sum_i |w_i|"
    update: ClassVar[str] = r"g \leftarrow g + \lambda \operatorname{sign}(w)"
    help: ClassVar[str] = (
        "The same penalty as tutorials optimize it: weights come close to 0 but almost never reach it."
    )
    source: ClassVar[str] = "Shor 1985, Minimization Methods for Non-Differentiable Functions"


class ElasticNet(RegularizerBase):
    name: Literal["elastic_net"]
    mixing: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=0.5, description="a: the share of L1; 1 is the lasso, 0 is ridge."
    )

    label: ClassVar[str] = "Elastic net"
    offered: ClassVar[Grid | list[float]] = Grid(start=1e-6, stop=1e-2, count=9)
    penalizes_weights: ClassVar[bool] = True
    suits_fista: ClassVar[bool] = True
    formula: ClassVar[str] = r"\lambda \left( a \sum_i |w_i| + \tfrac{1 - a}{2} \sum_i w_i^2 \right)"
    update: ClassVar[str] = r"w \leftarrow \frac{S(w, \eta\lambda a)}{1 + \eta\lambda(1 - a)}, \quad " + _SOFT
    help: ClassVar[str] = "L1 and L2 in one: exact zeros, yet correlated inputs are kept together."
    source: ClassVar[str] = "Zou & Hastie 2005, JRSS B 67(2)"


class GroupLasso(RegularizerBase):
    name: Literal["group_lasso"]

    label: ClassVar[str] = "Group lasso"
    offered: ClassVar[Grid | list[float]] = Grid(start=1e-6, stop=1e-2, count=9)
    penalizes_weights: ClassVar[bool] = True
    suits_fista: ClassVar[bool] = True
    formula: ClassVar[str] = r"\lambda \sum_j \sqrt{n_j}\, \lVert w_j \rVert_2"
    update: ClassVar[str] = (
        r"w_j \leftarrow w_j \max\!\left( 1 - \frac{\eta\lambda\sqrt{n_j}}{\lVert w_j \rVert_2},\, 0 \right), \quad "
        r"w_j \text{ the } n_j \text{ weights into unit } j"
    )
    help: ClassVar[str] = (
        "Sets all weights into a unit (of a linear network: of a class) to exactly 0 together, in more of them the "
        "larger λ."
    )
    source: ClassVar[str] = "Yuan & Lin 2006, JRSS B 68(1)"


class WeightDecay(RegularizerBase):
    name: Literal["weight_decay"]

    label: ClassVar[str] = "Weight decay"
    offered: ClassVar[Grid | list[float]] = Grid(start=1e-3, stop=1e1, count=9)
    penalizes_weights: ClassVar[bool] = True
    formula: ClassVar[str] = r"w \leftarrow (1 - \eta\lambda)\, w - \eta \cdot \text{step}"
    update: ClassVar[str] = r"w \leftarrow (1 - \eta\lambda)\, w \quad \text{beside the step, outside the moments}"
    help: ClassVar[str] = (
        "Shrinks the weights beside the optimizer's step, as AdamW does; equal to L2 for plain SGD, not for Adam, so "
        "its λ is a scale of its own."
    )
    source: ClassVar[str] = "Loshchilov & Hutter 2019, arXiv 1711.05101"


class TensorNorm(RegularizerBase):
    name: Literal["tensor_norm"]
    p: Literal[1, 2] = Field(default=2, description="The order of the norm that is taken of each weight tensor.")

    label: ClassVar[str] = "Tensor norm"
    offered: ClassVar[Grid | list[float]] = Grid(start=1e-5, stop=1e-1, count=9)
    penalizes_weights: ClassVar[bool] = True
    formula: ClassVar[str] = r"\lambda \sum_t \lVert W_t \rVert_p"
    update: ClassVar[str] = r"g \leftarrow g + \lambda\, \partial \lVert W_t \rVert_p"
    help: ClassVar[str] = (
        "torch.norm of each weight tensor, summed: what many tutorials call L2, yet with p = 2 its pull has a "
        "constant size, so it is no ridge."
    )
    source: ClassVar[str] = "Yuan & Lin 2006, JRSS B 68(1): a group lasso with one group per tensor"


class MaxNorm(RegularizerBase):
    name: Literal["max_norm"]

    label: ClassVar[str] = "Max norm"
    symbol: ClassVar[str] = "c"
    legal: ClassVar[Interval] = Interval(open_low=True)
    smaller_is_stronger: ClassVar[bool] = True
    offered: ClassVar[Grid | list[float]] = [0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 2.0, 4.0]
    penalizes_weights: ClassVar[bool] = True
    formula: ClassVar[str] = r"\lVert w_j \rVert_2 \le c \quad \text{for the weights } w_j \text{ into each unit } j"
    update: ClassVar[str] = (
        r"w_j \leftarrow w_j \min\!\left( 1,\, \frac{c}{\lVert w_j \rVert_2} \right) \text{ after each step}"
    )
    help: ClassVar[str] = (
        "Caps the length of the weights into each unit at c, so that a smaller c regularizes more; what is shorter is "
        "left as it is."
    )
    source: ClassVar[str] = "Srebro, Rennie & Jaakkola 2005, NIPS 17; Srivastava et al. 2014, JMLR 15"
