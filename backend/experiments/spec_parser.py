"""From a text to a spec: what is wrong is said with its line."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.errors.field_labels import name_field
from backend.errors.validation import explain, make_safe
from backend.errors.validation_messages import begin_after
from backend.experiments.spec_text import MalformedTextError, Written, read_text
from backend.experiments.submission import plan
from backend.schemas.errors import ErrorDetail
from backend.schemas.specs import SpecReading
from backend.state import AppState
from core.errors import InvalidSpecError
from core.spec import ExperimentSpec


class RefusedTextError(InvalidSpecError):
    """A text that can be read, but is no spec that is taken here; ``details`` know their lines."""

    def __init__(self, details: list[ErrorDetail]) -> None:
        first = details[0]
        message = begin_after(first.label, first.message) if first.label else first.message
        super().__init__(message, field=first.field)
        self.details = details


def read_spec(session: Session, app_state: AppState, text: str) -> SpecReading:
    """Raises RefusedTextError where the text is no spec that this installation takes."""
    try:
        written = read_text(text)
    except MalformedTextError as error:
        detail = ErrorDetail(field="text", message=error.message, expected=error.expected)
        raise RefusedTextError([detail.model_copy(update={"line": error.line, "column": error.column})]) from error
    try:
        spec = ExperimentSpec.model_validate(written.data)
        return SpecReading(spec=spec, plan=plan(session, app_state, spec))
    except ValidationError as error:
        errors = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RefusedTextError(_place(explain(errors, written.data), written)) from error
    except InvalidSpecError as error:
        raise RefusedTextError(_place([_describe(error, written)], written)) from error


def _describe(error: InvalidSpecError, written: Written) -> ErrorDetail:
    label = name_field(error.field, written.data)
    received = make_safe(error.received)
    return ErrorDetail(
        field=error.field, label=label, message=error.message, expected=error.expected, received=received
    )


def _place(details: list[ErrorDetail], written: Written) -> list[ErrorDetail]:
    places = [written.locate(detail.field) or (None, None) for detail in details]
    return [
        detail.model_copy(update={"line": line, "column": column})
        for detail, (line, column) in zip(details, places, strict=True)
    ]
