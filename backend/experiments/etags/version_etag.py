"""Versions of experiments as entity tags, and `If-Match`."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_TAGS = rf"^(?:\*|{_TAG}(?:\s*,\s*{_TAG})*)$"


def format_version_etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def parse_if_match(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=1000,
            pattern=_TAGS,
            description="Change only these versions: entity tags from `GET`. `*`, or no header, means any.",
            examples=['"1"'],
        ),
    ] = None,
) -> list[int] | None:
    """The versions of an `If-Match` header; None means any."""
    if if_match is None or if_match == "*":
        return None
    # A proxy that compresses makes tags weak; the version is the same.
    return [int(number) for number in re.findall(r'"([1-9]\d{0,8})"', if_match)]


IfMatchVersions = Annotated[list[int] | None, Depends(parse_if_match)]
