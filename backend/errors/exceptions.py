"""Exceptions of the HTTP side; those of the domain are core.errors."""

from __future__ import annotations

from typing import Literal

from core.errors import RidgelineError


class UnsupportedTypeError(RidgelineError):
    """A body of a type that this API does not read."""

    code = "unsupported_type"
    status = 415


class NotReadyError(RidgelineError):
    """The API is up, but what it stands on is not."""

    code = "not_ready"
    status = 503


class DiskFullError(NotReadyError):
    """The database answers, but has no room to write."""

    code = "disk_full"


class TooManyError(RidgelineError):
    """A client asks for more of something than it may have."""

    status = 429

    def __init__(
        self, noun: Literal["requests", "streams", "logins"], *, expected: str, received: int, retry_seconds: int
    ) -> None:
        message = f"Too many {noun}: {expected}. Try again in {retry_seconds} s."
        super().__init__(message, expected=expected, received=received)
        self.code = f"too_many_{noun}"
        self.retry_seconds = retry_seconds


class TooLargeError(RidgelineError):
    """An answer that would not fit into a reader's memory."""

    code = "too_large"
    status = 422


class WrongTokenError(RidgelineError):
    """Somebody tried to log in with a token that is not this installation's."""

    code = "wrong_token"
    status = 401
