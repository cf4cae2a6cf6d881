"""What can be chosen, the demonstration, and what a spec would make."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from backend.examples import EXPERIMENT_EXAMPLES
from backend.parameters import Reading, document_errors
from backend.schemas import Catalogue, Plan
from core.spec import ExperimentSpec

router = APIRouter(prefix="/api", tags=["catalogue"])


@router.get("/catalogue", summary="Everything that can be chosen")
def read_catalogue() -> Catalogue:
    raise NotImplementedError


@router.get("/demonstration", summary="The demonstration's spec")
def read_demonstration() -> ExperimentSpec:
    raise NotImplementedError


@router.post("/plan", summary="What a spec would make, without making it", responses=document_errors(413, 415, 422))
def plan_experiment(
    spec: Annotated[ExperimentSpec, Body(openapi_examples=EXPERIMENT_EXAMPLES)], session: Reading
) -> Plan:
    raise NotImplementedError
