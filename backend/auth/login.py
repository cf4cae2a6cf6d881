"""Logging in with a token: what is sent, what is answered, and how often it may be wrong."""

from __future__ import annotations

from limits import RateLimitItemPerMinute

from backend.auth.tokens import Access, Role
from backend.errors.exceptions import TooManyError, WrongTokenError
from backend.middleware.moving_window import MovingWindow
from backend.schemas.session import Login
from core.errors import ConflictError

_FAILURES = RateLimitItemPerMinute(10)


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
