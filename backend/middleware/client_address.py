"""The address by which clients are told apart, for limits."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from starlette.requests import HTTPConnection


def get_client_address(connection: HTTPConnection) -> str:
    """The peer's address, or the one that a trusted proxy forwards (``backend.server``).

    An IPv6 address counts as its /64 network, which belongs to one household.
    """
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)
