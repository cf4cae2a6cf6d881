"""Reads a spec from text; errors carry line and column."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.errors.field_labels import label_path
from backend.errors.validation import explain, make_json_safe
from backend.errors.validation_messages import prefix_label
from backend.experiments.spec_text.spec_text_parser import MalformedTextError, ParsedText, parse_spec_text
from backend.experiments.submission import plan
from backend.schemas.errors import ErrorDetail
from backend.schemas.specs import SpecReading
from backend.state import AppState
from core.errors import InvalidSpecError
from core.spec import ExperimentSpec


class InvalidSpecTextError(InvalidSpecError):
    """A text that is well formed, but not a valid spec; ``details`` carry lines and columns."""

    def __init__(self, details: list[ErrorDetail]) -> None:
        first = details[0]
        message = prefix_label(first.label, first.message) if first.label else first.message
        super().__init__(message, field=first.field)
        self.details = details


def read_spec(session: Session, app_state: AppState, text: str) -> SpecReading:
    """The spec and its plan. Raises InvalidSpecTextError."""
    try:
        written = parse_spec_text(text)
    except MalformedTextError as error:
        detail = ErrorDetail(field="text", message=error.message, expected=error.expected)
        raise InvalidSpecTextError([detail.model_copy(update={"line": error.line, "column": error.column})]) from error
    try:
        spec = ExperimentSpec.model_validate(written.data)
        return SpecReading(spec=spec, plan=plan(session, app_state, spec))
    except ValidationError as error:
        errors = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise InvalidSpecTextError(_place(explain(errors, written.data), written)) from error
    except InvalidSpecError as error:
        raise InvalidSpecTextError(_place([_describe(error, written)], written)) from error


def _describe(error: InvalidSpecError, written: ParsedText) -> ErrorDetail:
    label = label_path(error.field, written.data)
    received = make_json_safe(error.received)
    return ErrorDetail(
        field=error.field, label=label, message=error.message, expected=error.expected, received=received
    )


def _place(details: list[ErrorDetail], written: ParsedText) -> list[ErrorDetail]:
    places = [written.locate(detail.field) or (None, None) for detail in details]
    return [
        detail.model_copy(update={"line": line, "column": column})
        for detail, (line, column) in zip(details, places, strict=True)
    ]
