"""Logging in with a token: what is sent, what is answered, and how often it may be wrong."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from pydantic import BaseModel, Field, SecretStr

from backend.auth.tokens import Access, Role
from backend.errors.handlers import TooManyError
from backend.middleware.moving_window import MovingWindow
from core.errors import ConflictError, RidgelineError

_FAILURES = RateLimitItemPerMinute(10)


class Login(BaseModel):
    # Fields of other names are passed over, not told back: one of them may hold the token.
    token: SecretStr = Field(min_length=1, max_length=1_000)


class SessionView(BaseModel):
    authentication: bool = Field(description="whether this installation asks for a token")
    role: Role | None = Field(description="of who asks; null: not logged in")


class WrongTokenError(RidgelineError):
    """Somebody tried to log in with a token that is not this installation's."""

    code = "wrong_token"
    status = 401


class LoginService:
    """Lets a client in by a token; one that was wrong too often in a minute is not even looked at."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._window = MovingWindow()

    async def enter(self, client: str, login: Login) -> Role:
        """The role that the token gives.

        Raises WrongTokenError, TooManyError, and ConflictError where no token is asked for.
        """
        if not self._access.asks:
            raise ConflictError("This installation asks for no token.")
        if not await self._window.test(_FAILURES, client):
            raise await self._refuse(client)
        role = self._access.check_token(login.token.get_secret_value())
        if role is None:
            await self._window.hit(_FAILURES, client)
            raise WrongTokenError("This is not the token of this installation.", field="token")
        return role

    async def _refuse(self, client: str) -> TooManyError:
        most, seconds = _FAILURES.amount, await self._window.measure_wait(_FAILURES, client)
        return TooManyError(
            "logins", expected=f"at most {most} wrong ones a minute", received=most, retry_seconds=seconds
        )
