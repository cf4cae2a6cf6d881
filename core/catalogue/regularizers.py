"""The catalogue of regularizers, out of the spec's own classes."""

from __future__ import annotations

from core.analysis.formatting import label_regularizer
from core.catalogue.form_fields import derive_parameters
from core.catalogue.schemas import Regularizer, StrengthRange
from core.catalogue.semantics import SEMANTICS
from core.spec import BASELINE, RegularizerBase
from core.spec.regularizer import REGULARIZER_CLASSES

_SHARED = frozenset({"name", "strengths"})


def _describe(spec: type[RegularizerBase]) -> Regularizer:
    return Regularizer(
        name=spec.get_name(),
        label=spec.label,
        symbol=spec.symbol,
        formula=spec.formula,
        update=spec.update,
        help=spec.help,
        source=spec.source,
        semantics=SEMANTICS[spec.get_name()],
        strength=StrengthRange(
            low=spec.legal.low,
            high=spec.legal.high,
            open_low=spec.legal.open_low,
            whole=spec.legal.whole,
            smaller_is_stronger=spec.smaller_is_stronger,
            scale=spec.axis,
            default=spec.offered,
        ),
        parameters=derive_parameters(spec, _SHARED),
    )


_BASELINE = Regularizer(
    name=BASELINE,
    label=label_regularizer(BASELINE),
    symbol=RegularizerBase.symbol,
    formula=r"\Omega(w) = 0",
    update=r"w \leftarrow w - \eta\, g",
    help="No regularization: what every other run is compared with, seed by seed; it is always added.",
    source="Every experiment has it",
    semantics=SEMANTICS[BASELINE],
    strength=None,
)

REGULARIZERS: dict[str, Regularizer] = {
    BASELINE: _BASELINE,
    **{name: _describe(spec) for name, spec in REGULARIZER_CLASSES.items()},
}
