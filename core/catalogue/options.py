"""The catalogue of options of training, derived from the spec's classes."""

from __future__ import annotations

from core.catalogue.form_fields import derive_parameters
from core.catalogue.schemas import Parameter
from core.spec import AugmentationSpec, ExperimentSpec, HalvingSpec

_OPTIONS = frozenset({"shuffle", "precision", "clip_norm", "tolerance"})

OPTIONS: list[Parameter] = derive_parameters(ExperimentSpec, frozenset(ExperimentSpec.model_fields) - _OPTIONS)
AUGMENTATION: list[Parameter] = derive_parameters(AugmentationSpec)
HALVING: list[Parameter] = derive_parameters(HalvingSpec)
