"""The catalogue, the demonstration, and the plan of a spec."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from backend.dependencies import AppStateDep, ReadSession, TakesJson
from backend.experiments.submission import plan, read_limits
from backend.openapi.error_responses import BODY_ERRORS, document_errors
from backend.openapi.examples import EXPERIMENT_EXAMPLES
from backend.schemas.catalogue import Catalogue
from backend.schemas.specs import Plan
from core.catalogue import (
    AUGMENTATION,
    DATASETS,
    HALVING,
    METRICS,
    NETWORKS,
    OPTIMIZERS,
    OPTIONS,
    REGULARIZERS,
    SCHEDULES,
    SPLITS,
)
from core.demonstration import load_demonstration
from core.spec import ExperimentSpec

router = APIRouter(prefix="/api", tags=["catalogue"])


@router.get("/catalogue", summary="Regularizers, networks, optimizers, data sets and metrics, with their bounds")
def read_catalogue(app_state: AppStateDep) -> Catalogue:
    return Catalogue(
        regularizers=list(REGULARIZERS.values()),
        networks=list(NETWORKS.values()),
        optimizers=list(OPTIMIZERS.values()),
        schedules=list(SCHEDULES.values()),
        options=OPTIONS,
        augmentation=AUGMENTATION,
        halving=HALVING,
        splits=list(SPLITS.values()),
        datasets=list(DATASETS.values()),
        metrics=METRICS,
        limits=read_limits(app_state.settings),
    )


@router.get("/demonstration", summary="The demonstration's spec")
def read_demonstration() -> ExperimentSpec:
    return load_demonstration()


@router.post(
    "/plan",
    summary="Validate a spec and estimate its runs, jobs and time",
    dependencies=[TakesJson],
    responses=document_errors(*BODY_ERRORS),
)
def plan_experiment(
    spec: Annotated[ExperimentSpec, Body(openapi_examples=EXPERIMENT_EXAMPLES)],
    session: ReadSession,
    app_state: AppStateDep,
) -> Plan:
    return plan(session, app_state, spec)
