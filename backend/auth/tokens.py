"""Tokens, the page's session cookies, and the role of each."""

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


class Authenticator:
    """Checks tokens and session cookies. An installation without a token gives everybody the full role."""

    def __init__(self, settings: Settings) -> None:
        given = {Role.FULL: settings.token, Role.READ: settings.read_token}
        self._tokens = {role: _read(token) for role, token in given.items() if token}
        # Each role's key comes from its own token: changing the token ends the role's sessions, a restart does not,
        # and a viewer's cookie reveals nothing about the full token.
        self._signers = {
            role: TimestampSigner(token, _SALT, key_derivation="hmac", digest_method=hashlib.sha256)
            for role, token in self._tokens.items()
        }
        self.session_seconds = int(settings.session_hours * 3600)

    @property
    def requires_token(self) -> bool:
        """Whether this installation has a token."""
        return bool(self._tokens)

    def check_token(self, given: str) -> Role | None:
        """The role of a token; None for a wrong one. Compares in constant time."""
        same = {role: hmac.compare_digest(given.encode(), token) for role, token in self._tokens.items()}
        return next((role for role, equal in same.items() if equal), None)

    def make_session_cookie(self, role: Role) -> str:
        """The cookie's value: the role, the time, and a signature over both."""
        return self._signers[role].sign(role).decode()

    def read_session_cookie(self, value: str) -> Role | None:
        """The role of a session cookie; None if it is expired, or not signed with the present token."""
        name = value.partition(".")[0]
        for role, signer in self._signers.items():
            if role == name:
                try:
                    _, given = signer.unsign(value, return_timestamp=True)
                except BadSignature:
                    return None
                # A time in the future is legitimate: the clock may have been set back since.
                age = abs((now() - given).total_seconds())
                return role if age <= self.session_seconds else None
        return None

    def find_role(self, connection: HTTPConnection) -> Role | None:
        """The role of a request's sender. A bearer token, even a wrong one, takes precedence over the cookie."""
        if not self.requires_token:
            return Role.FULL
        given = connection.headers.get("authorization")
        if given is not None:
            scheme, _, token = given.partition(" ")
            return self.check_token(token.strip()) if scheme.lower() == "bearer" else None
        return self.read_session_cookie(find_session_cookie(connection) or "")


def _read(token: SecretStr) -> bytes:
    return token.get_secret_value().encode()


def find_session_cookie(connection: HTTPConnection) -> str | None:
    """The value of the session's cookie as it was sent, the first where there are several; None without one.

    No other cookie is parsed: Python's http.cookies takes time by the square of a value's length to unquote it
    (CVE-2024-7592), and a session's cookie has nothing to unquote.
    """
    wanted = get_cookie_name(connection)
    for header in connection.headers.getlist("cookie"):
        for pair in header.split(";"):
            name, _, value = pair.partition("=")
            if name.strip() == wanted:
                return value.strip()
    return None


def get_cookie_name(connection: HTTPConnection) -> str:
    """The session cookie's name, with the port: browsers share cookies between all ports of a host."""
    _, _, port = connection.headers.get("host", "").rpartition(":")
    return f"{_COOKIE}-{port}" if port.isdecimal() else _COOKIE
