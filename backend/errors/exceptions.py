"""Exceptions of the HTTP side; those of the domain are core.errors."""

from __future__ import annotations

from typing import Literal

from core.errors import RidgelineError


class UnsupportedTypeError(RidgelineError):
    """A body of an unsupported media type."""

    code = "unsupported_type"
    status = 415


class NotReadyError(RidgelineError):
    """The API is up, but its database is not ready."""

    code = "not_ready"
    status = 503


class DiskFullError(NotReadyError):
    """The database answers, but has no room to write."""

    code = "disk_full"


class TooManyError(RidgelineError):
    """A client exceeds a limit of requests, streams or logins."""

    status = 429

    def __init__(
        self, noun: Literal["requests", "streams", "logins"], *, expected: str, received: int, retry_seconds: int
    ) -> None:
        message = f"Too many {noun}: {expected}. Try again in {retry_seconds} s."
        super().__init__(message, expected=expected, received=received)
        self.code = f"too_many_{noun}"
        self.retry_seconds = retry_seconds


class TooLargeError(RidgelineError):
    """A response that would be too large."""

    code = "too_large"
    status = 422


class MissingWeightsError(RidgelineError):
    """Weights that were not kept, or are not where this server looks."""

    code = "no_weights"
    status = 404


class WrongTokenError(RidgelineError):
    """A login with a wrong token."""

    code = "wrong_token"
    status = 401
