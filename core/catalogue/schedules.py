"""The catalogue of learning-rate schedules."""

from __future__ import annotations

from core.catalogue.form_fields import derive_parameters
from core.catalogue.schemas import Schedule
from core.spec import ConstantSchedule, CosineSchedule, StepSchedule

SCHEDULES: dict[str, Schedule] = {
    entry.name: entry
    for entry in (
        Schedule(
            name="constant",
            label="Constant",
            help="The whole learning rate at every step, after the warm-up if there is one.",
            source="Robbins & Monro 1951, Annals of Mathematical Statistics 22(3); warm-up: Goyal et al. 2017, "
            "arXiv 1706.02677",
            parameters=derive_parameters(ConstantSchedule),
        ),
        Schedule(
            name="cosine",
            label="Cosine",
            help="Half a cosine from the whole learning rate down to a share of it at the end, without restarts.",
            source="Loshchilov & Hutter 2017, arXiv 1608.03983; torch's CosineAnnealingLR",
            parameters=derive_parameters(CosineSchedule),
        ),
        Schedule(
            name="step",
            label="Steps",
            help="The learning rate is multiplied by a factor after every so many epochs.",
            source="He et al. 2016, arXiv 1512.03385; torch's StepLR",
            parameters=derive_parameters(StepSchedule),
        ),
    )
}
