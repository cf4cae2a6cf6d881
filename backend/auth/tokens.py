"""Who asks: tokens, the sessions that the page holds for them, and what each may do."""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum

from itsdangerous import BadSignature, TimestampSigner
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from core.db.models import now
from core.settings import Settings

_SALT = b"ridgeline session"
_COOKIE = "ridgeline-session"


class Role(StrEnum):
    FULL = "full"
    READ = "read"


class Access:
    """Knows the tokens. Where there is none, everybody has the full role."""

    def __init__(self, settings: Settings) -> None:
        given = {Role.FULL: settings.token, Role.READ: settings.read_token}
        self._tokens = {role: _read(token) for role, token in given.items() if token}
        # Each role's key comes from its own token: another token ends the role's sessions, a restart does not, and
        # a viewer's cookie says nothing about the full token.
        self._signers = {
            role: TimestampSigner(token, _SALT, key_derivation="hmac", digest_method=hashlib.sha256)
            for role, token in self._tokens.items()
        }
        self.session_seconds = int(settings.session_hours * 3600)

    @property
    def asks(self) -> bool:
        """Whether a token is asked for at all."""
        return bool(self._tokens)

    def check_token(self, given: str) -> Role | None:
        """The role that a token gives. Takes as long whether it is right, nearly right or wrong."""
        same = {role: hmac.compare_digest(given.encode(), token) for role, token in self._tokens.items()}
        return next((role for role, equal in same.items() if equal), None)

    def make_session(self, role: Role) -> str:
        """What the cookie holds: the role, when it was given, and a signature over both."""
        return self._signers[role].sign(role).decode()

    def read_session(self, value: str) -> Role | None:
        """The role of a session; None where it is not signed with today's token, or is too old."""
        name = value.partition(".")[0]
        for role, signer in self._signers.items():
            if role == name:
                try:
                    _, given = signer.unsign(value, return_timestamp=True)
                except BadSignature:
                    return None
                # One of the future is ours too: the clock has been set back since.
                age = abs((now() - given).total_seconds())
                return role if age <= self.session_seconds else None
        return None

    def find_role(self, connection: HTTPConnection) -> Role | None:
        """The role of who sends a request. A bearer token counts before the cookie, also a wrong one."""
        if not self.asks:
            return Role.FULL
        given = connection.headers.get("authorization")
        if given is not None:
            scheme, _, token = given.partition(" ")
            return self.check_token(token.strip()) if scheme.lower() == "bearer" else None
        return self.read_session(connection.cookies.get(name_cookie(connection), ""))


def _read(token: SecretStr) -> bytes:
    return token.get_secret_value().encode()


def name_cookie(connection: HTTPConnection) -> str:
    """The session cookie's name: browsers keep one jar for all ports of a host, which may serve several Ridgelines."""
    _, _, port = connection.headers.get("host", "").rpartition(":")
    return f"{_COOKIE}-{port}" if port.isdecimal() else _COOKIE
