"""The domain's errors. Each says what was expected and what was received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class RidgelineError(Exception):
    """Base of every error that a user may see.

    ``code`` is stable and machine-readable; ``status`` is the HTTP status it becomes at the edge.
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
    """No row has the id that was asked for."""

    code = "not_found"
    status = 404

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(
            f"There is no {noun} {key}.", field="id", expected=f"the id of an existing {noun}", received=key
        )


class ConflictError(RidgelineError):
    """The request is legal, but not in the state that the row is in."""

    code = "conflict"
    status = 409


class StaleVersionError(ConflictError):
    """An edit that names a version which others have changed since; what the experiment is called now."""

    code = "changed_meanwhile"
    status = 412

    def __init__(self, versions: Sequence[int], *, version: int, name: str, notes: str, tags: Sequence[str]) -> None:
        named = ", ".join(f'"{each}"' for each in versions) or "none that it ever had"
        super().__init__(
            f"This experiment was changed meanwhile: it is of version {version} now. Look at what it is, and decide "
            "anew.",
            field="If-Match",
            expected=f'"{version}"',
            received=named,
        )
        self.version, self.name, self.notes, self.tags = version, name, notes, list(tags)


class InvalidSpecError(RidgelineError):
    """A spec that the catalogue does not allow."""

    code = "invalid_spec"
    status = 422


class TransitionError(ConflictError):
    """A change of state that the state machine does not know."""

    code = "illegal_transition"


class LeaseLostError(RidgelineError):
    """A write came with a token that no longer holds the job's lease."""

    code = "lease_lost"
    status = 409


class DatasetUnavailableError(RidgelineError):
    """A data set is neither in the data folder nor to be downloaded."""

    code = "dataset_unavailable"
    status = 422


class ArchiveError(RidgelineError):
    """A backup that cannot be made, or is none that can be restored here."""

    code = "invalid_archive"
    status = 422


class SchemaError(RidgelineError):
    """A database whose schema this Ridgeline cannot work with."""

    code = "schema"


class FolderError(RidgelineError):
    """A folder that is needed and cannot be made."""

    code = "folder"
    status = 503
