"""Regularizers that change examples, targets or activations at random, or blend them."""

from __future__ import annotations

from typing import ClassVar, Literal

from core.spec.regularizers.base import Axis, Interval, RegularizerBase
from core.spec.strength import Grid


class Dropout(RegularizerBase):
    name: Literal["dropout"]

    label: ClassVar[str] = "Dropout"
    symbol: ClassVar[str] = "p"
    axis: ClassVar[Axis] = "linear"
    legal: ClassVar[Interval] = Interval(high=1.0)
    offered: ClassVar[Grid | list[float]] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    formula: ClassVar[str] = r"h \leftarrow \frac{m \odot h}{1 - p}, \quad m_i \sim \operatorname{Bernoulli}(1 - p)"
    update: ClassVar[str] = r"m \text{ drawn anew each step; off in evaluation}"
    help: ClassVar[str] = (
        "Drops each hidden unit (of a linear network: each input) with probability p while training, so that none can "
        "rely on another."
    )
    source: ClassVar[str] = "Srivastava et al. 2014, JMLR 15"


class StochasticDepth(RegularizerBase):
    name: Literal["stochastic_depth"]

    label: ClassVar[str] = "Stochastic depth"
    symbol: ClassVar[str] = "p"
    axis: ClassVar[Axis] = "linear"
    legal: ClassVar[Interval] = Interval(high=1.0)
    offered: ClassVar[Grid | list[float]] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    needs_branches: ClassVar[bool] = True
    formula: ClassVar[str] = (
        r"h \leftarrow h + \frac{b_l}{1 - p_l} f_l(h), \quad b_l \sim \operatorname{Bernoulli}(1 - p_l), "
        r"\quad p_l = \tfrac{l}{L}\, p"
    )
    update: ClassVar[str] = r"b_l \text{ drawn anew for each example and block; off in evaluation}"
    help: ClassVar[str] = (
        "Leaves out the branch of residual block l of L with probability p·l/L while training, so that the network is "
        "trained at many depths; for resnet."
    )
    source: ClassVar[str] = "Huang et al. 2016, arXiv 1603.09382"


class LabelSmoothing(RegularizerBase):
    name: Literal["label_smoothing"]

    label: ClassVar[str] = "Label smoothing"
    symbol: ClassVar[str] = "ε"
    axis: ClassVar[Axis] = "linear"
    legal: ClassVar[Interval] = Interval(high=1.0)
    offered: ClassVar[Grid | list[float]] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5]
    needs_classes: ClassVar[bool] = True
    formula: ClassVar[str] = r"y \leftarrow (1 - \varepsilon)\, y + \frac{\varepsilon}{K}"
    update: ClassVar[str] = r"\text{trained on } (1 - \varepsilon)\, L(y) + \frac{\varepsilon}{K} \sum_k L(k)"
    help: ClassVar[str] = (
        "Gives every class a share of the target, so that no output grows without end; the losses shown stay the plain "
        "cross-entropy."
    )
    source: ClassVar[str] = "Szegedy et al. 2016, arXiv 1512.00567"


class Mixup(RegularizerBase):
    name: Literal["mixup"]

    label: ClassVar[str] = "Mixup"
    symbol: ClassVar[str] = "α"
    offered: ClassVar[Grid | list[float]] = Grid(start=0.05, stop=6.4, count=8)
    formula: ClassVar[str] = (
        r"\tilde{x} = \gamma x + (1 - \gamma)\, x', \quad \gamma \sim \operatorname{Beta}(\alpha, \alpha)"
    )
    update: ClassVar[str] = (
        r"\text{trained on } \gamma L(y) + (1 - \gamma)\, L(y'), \text{ one } \gamma \text{ a batch}"
    )
    help: ClassVar[str] = (
        "Trains on blends of two examples and of their losses, the more even the larger α; the batch losses shown are "
        "those of the blends."
    )
    source: ClassVar[str] = "Zhang et al. 2018, arXiv 1710.09412"


class GaussianNoise(RegularizerBase):
    name: Literal["gaussian_noise"]

    label: ClassVar[str] = "Gaussian noise"
    symbol: ClassVar[str] = "σ"
    offered: ClassVar[Grid | list[float]] = Grid(start=0.03, stop=3.84, count=8)
    formula: ClassVar[str] = r"x \leftarrow x + \sigma\, \epsilon, \quad \epsilon \sim \mathcal{N}(0, 1)"
    update: ClassVar[str] = r"\epsilon \text{ drawn anew each step; off in evaluation}"
    help: ClassVar[str] = (
        "Adds noise to the inputs while training, in the unit of the prepared inputs, so that small changes of them "
        "matter less."
    )
    source: ClassVar[str] = "Bishop 1995, Neural Computation 7(1)"
