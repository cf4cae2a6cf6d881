"""Login with a token, limited in failed attempts."""

from __future__ import annotations

from limits import RateLimitItemPerMinute

from backend.auth.tokens import Authenticator, Role
from backend.errors.exceptions import TooManyError, WrongTokenError
from backend.middleware.moving_window import MovingWindow
from backend.schemas.session import Login
from core.errors import ConflictError

_FAILURES = RateLimitItemPerMinute(10)


class LoginService:
    """Logs clients in. A client with too many failed attempts in a minute is rejected unseen."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._window = MovingWindow()

    async def log_in(self, client: str, login: Login) -> Role:
        """The role of the token.

        Raises WrongTokenError, TooManyError, and ConflictError where the installation has no token.
        """
        if not self._authenticator.requires_token:
            raise ConflictError("This installation has no token, so there is no login.")
        if not await self._window.test(_FAILURES, client):
            raise await self._refuse(client)
        role = self._authenticator.check_token(login.token.get_secret_value())
        if role is None:
            await self._window.hit(_FAILURES, client)
            raise WrongTokenError("This is not the token of this installation.", field="token")
        return role

    async def _refuse(self, client: str) -> TooManyError:
        most, seconds = _FAILURES.amount, await self._window.measure_wait(_FAILURES, client)
        return TooManyError(
            "logins", expected=f"at most {most} wrong ones a minute", received=most, retry_seconds=seconds
        )
