"""Regularizers that change the course of training: where gradients are taken, and when it ends."""

from __future__ import annotations

from typing import ClassVar, Literal

from core.spec.regularizers.base import Interval, RegularizerBase
from core.spec.strength import Grid


class SAM(RegularizerBase):
    name: Literal["sam"]

    label: ClassVar[str] = "SAM"
    symbol: ClassVar[str] = "ρ"
    offered: ClassVar[Grid | list[float]] = Grid(start=0.0125, stop=1.6, count=8)
    formula: ClassVar[str] = r"\min_w \max_{\lVert \epsilon \rVert_2 \le \rho} L(w + \epsilon)"
    update: ClassVar[str] = (
        r"g \leftarrow \nabla L\!\left( w + \rho \frac{g}{\lVert g \rVert_2} \right) \text{ for the step from } w"
    )
    help: ClassVar[str] = (
        "Takes the gradient a distance ρ uphill, at nearly the worst place around the weights, which leads to flat "
        "minima; a step costs two passes."
    )
    source: ClassVar[str] = "Foret et al. 2021, arXiv 2010.01412"


class EarlyStopping(RegularizerBase):
    name: Literal["early_stopping"]

    label: ClassVar[str] = "Early stopping"
    symbol: ClassVar[str] = "patience"
    legal: ClassVar[Interval] = Interval(low=1.0, high=1e6, whole=True)
    smaller_is_stronger: ClassVar[bool] = True
    offered: ClassVar[Grid | list[float]] = [1, 2, 3, 5, 8, 13, 20]
    suits_fista: ClassVar[bool] = True
    formula: ClassVar[str] = r"w \leftarrow w_{t^*}, \quad t^* = \arg\min_t L_{\text{val}}(t)"
    update: ClassVar[str] = r"\text{the run ends at epoch } t^* + \text{patience}"
    help: ClassVar[str] = (
        "Ends a run once so many epochs in a row brought no new lowest validation loss, and its best epoch is what "
        "counts; a smaller patience regularizes more."
    )
    source: ClassVar[str] = "Prechelt 1998, Early Stopping — But When?, LNCS 1524"
