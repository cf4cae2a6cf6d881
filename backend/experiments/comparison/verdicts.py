"""What differs between experiments, on test and in their specs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from backend.errors.field_labels import label_path
from backend.experiments.answer import describe_missing, read_replicates
from backend.experiments.comparison.experiments import find_experiments
from backend.experiments.serializers import summarize_experiments
from backend.schemas.experiments import Comparison
from core.analysis.cells import summarize_cells
from core.analysis.comparison.compare import Side, compare
from core.analysis.comparison.spec_differences import compare_specs
from core.analysis.selection import Metric
from core.catalogue import DATASETS
from core.catalogue.design import find_design
from core.db.queries.runs import RunBrief, list_briefs
from core.spec import ExperimentSpec
from core.spec.stopping import stops_early

# Fields of a data set that leave the test examples and the training labels as they are.
_SAME_TEST = ("name", "train_examples", "standardize", "divide_by", "target", "augmentation")
# Fields that decide in which unit the losses of a regression are, besides those of the split.
_UNIT = ("train_examples", "standardize", "target")


def compare_experiments(session: Session, ids: Sequence[int], metric: Metric) -> Comparison:
    """Raises NotFoundError and InvalidSpecError."""
    experiments = find_experiments(session, ids)
    specs = [ExperimentSpec.model_validate(experiment.spec) for experiment in experiments]
    briefs = list_briefs(session, [experiment.id for experiment in experiments])
    sides = [
        _make_side(session, experiment.id, spec, briefs[experiment.id], metric)
        for experiment, spec in zip(experiments, specs, strict=True)
    ]
    across, differences = compare(sides, metric), compare_specs(specs, _label)
    return Comparison(
        metric=metric,
        experiments=summarize_experiments(session, experiments),
        complete=all(side.missing is None for side in sides),
        missing=[f"#{side.id}: {side.missing}" for side in sides if side.missing is not None],
        sentence=across.sentence,
        incomparable=across.incomparable,
        verdicts=across.verdicts,
        differing=differences.differing,
        same=differences.same,
    )


def _make_side(
    session: Session, experiment_id: int, spec: ExperimentSpec, briefs: Sequence[RunBrief], metric: Metric
) -> Side:
    return Side(
        id=experiment_id,
        task=DATASETS[spec.dataset.name].task,
        dataset=spec.dataset.name,
        cells=summarize_cells(briefs, stops_early(spec)),
        replicates=read_replicates(session, spec, briefs, metric),
        tested_on=_list_test_fields(spec),
        loss_unit=_list_unit_fields(spec),
        missing=describe_missing(briefs),
        design=find_design(spec),
    )


def _list_test_fields(spec: ExperimentSpec) -> Mapping[str, object]:
    fields = spec.dataset.model_dump(mode="json")
    return {_label_field(name): value for name, value in fields.items() if name not in _SAME_TEST}


def _list_unit_fields(spec: ExperimentSpec) -> Mapping[str, object]:
    if DATASETS[spec.dataset.name].task == "classification":
        return {}
    fields = spec.dataset.model_dump(mode="json")
    return {**_list_test_fields(spec), **{_label_field(name): fields[name] for name in _UNIT}}


def _label_field(name: str) -> str:
    """`Share for test`: the part, the data, goes without saying."""
    return _label(f"dataset.{name}").partition(", ")[2]


def _label(path: str) -> str:
    return label_path(path) or path
