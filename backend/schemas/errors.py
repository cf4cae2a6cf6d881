"""The JSON shape of every error."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from backend.schemas.annotations import Annotations


class ErrorDetail(BaseModel):
    """One thing that is wrong. ``field``: a path such as ``regularizers.0.strengths.2``, ``label`` its name."""

    field: str | None
    label: str | None = Field(default=None, examples=["L1, strength 3"])
    message: str
    expected: str | None = None
    received: Any = None
    line: int | None = Field(default=None, description="where it stands in a text that was sent, from 1")
    column: int | None = None


class ErrorBody(BaseModel):
    """The one shape of every error."""

    code: str = Field(examples=["invalid_spec"])
    message: str
    details: list[ErrorDetail] = []
    request_id: str
    current: Annotations | None = Field(
        default=None, description="only of 412: what is there now, where the request named another version"
    )


class ErrorResponse(BaseModel):
    error: ErrorBody
