"""The JSON shape of every error."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from backend.schemas.annotations import Annotations


class ErrorDetail(BaseModel):
    """One problem. ``field``: its path, as in ``regularizers.0.strengths.2``; ``label``: the page's name of it."""

    field: str | None
    label: str | None = Field(default=None, examples=["L1, strength 3"])
    message: str
    expected: str | None = None
    received: Any = None
    line: int | None = Field(default=None, description="line in the text of `POST /api/spec`, from 1")
    column: int | None = None


class ErrorBody(BaseModel):
    """The body of every error."""

    code: str = Field(examples=["invalid_spec"])
    message: str
    details: list[ErrorDetail] = []
    request_id: str
    current: Annotations | None = Field(default=None, description="only for 412: the current version")


class ErrorResponse(BaseModel):
    error: ErrorBody
