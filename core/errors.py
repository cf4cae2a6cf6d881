"""Domain errors. Each says what was expected and what was received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class RidgelineError(Exception):
    """Base of all errors that a user may see.

    ``code`` is stable and machine-readable; ``status`` is the HTTP status.
    """

    code = "error"
    status = 400

    def __init__(
        self, message: str, *, field: str | None = None, expected: str | None = None, received: Any = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.expected = expected
        self.received = received


class NotFoundError(RidgelineError):
    """No row has the requested id."""

    code = "not_found"
    status = 404

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(
            f"There is no {noun} {key}.", field="id", expected=f"the id of an existing {noun}", received=key
        )


class ConflictError(RidgelineError):
    """The request is not allowed in the current state."""

    code = "conflict"
    status = 409


class NoScriptError(ConflictError):
    """A run that cannot be written as a script yet."""

    code = "no_script"


class StaleVersionError(ConflictError):
    """An edit of an outdated version, with the current name, notes and tags."""

    code = "changed_meanwhile"
    status = 412

    def __init__(self, versions: Sequence[int], *, version: int, name: str, notes: str, tags: Sequence[str]) -> None:
        named = ", ".join(f'"{each}"' for each in versions) or "no version"
        super().__init__(
            f"This experiment was changed meanwhile; its version is now {version}. Review it, and try again.",
            field="If-Match",
            expected=f'"{version}"',
            received=named,
        )
        self.version, self.name, self.notes, self.tags = version, name, notes, list(tags)


class InvalidSpecError(RidgelineError):
    """An invalid spec."""

    code = "invalid_spec"
    status = 422


class TransitionError(ConflictError):
    """An illegal change of state."""

    code = "illegal_transition"


class LeaseLostError(RidgelineError):
    """A write whose token no longer holds the job's lease."""

    code = "lease_lost"
    status = 409


class DatasetUnavailableError(RidgelineError):
    """A data set that is neither in the data folder nor may be downloaded."""

    code = "dataset_unavailable"
    status = 422


class ArchiveError(RidgelineError):
    """A backup that cannot be made or restored."""

    code = "invalid_archive"
    status = 422


class SchemaError(RidgelineError):
    """A database with an unusable schema."""

    code = "schema"


class FolderError(RidgelineError):
    """A required folder that cannot be created."""

    code = "folder"
    status = 503
