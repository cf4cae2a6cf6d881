"""Validation of tokens and host names, and loopback addresses."""

from __future__ import annotations

import re
from ipaddress import ip_address

from pydantic import SecretStr

MIN_TOKEN_LENGTH = 16
_TOKEN = re.compile(r"[\x21-\x7e]*")
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")


def check_token(token: SecretStr | None) -> SecretStr | None:
    """The token; None where it is empty. Raises ValueError, which never holds the token."""
    value = token.get_secret_value() if token else ""
    if not _TOKEN.fullmatch(value):
        raise ValueError("expected printable ASCII characters without spaces; received others (they are not shown)")
    if value and len(value) < MIN_TOKEN_LENGTH:
        raise ValueError(
            f"expected at least {MIN_TOKEN_LENGTH} characters, as from `openssl rand -hex 24`; received {len(value)}"
        )
    return token if value else None


def split_hosts(listed: str) -> tuple[str, ...]:
    """``a.example, b.example:8443`` as a tuple. Raises ValueError where one is no name as a Host header has it."""
    names = tuple(name.strip().lower() for name in listed.split(",") if name.strip())
    for name in names:
        if not _HOST.fullmatch(name):
            raise ValueError(f"expected names with or without a port, as in ridgeline.example:8443; received {name!r}")
    return names


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``; names other than localhost are not resolved."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def bracket(host: str) -> str:
    """``host`` as in URLs and Host headers: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
