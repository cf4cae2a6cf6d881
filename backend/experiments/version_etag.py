"""Versions of experiments in HTTP's own words: an entity tag, and the condition that a change is made under."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_TAGS = rf"^(?:\*|{_TAG}(?:\s*,\s*{_TAG})*)$"


def name_version(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def read_versions(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=1000,
            pattern=_TAGS,
            description="Only of these versions: entity tags as `GET` answers with; `*` is any, as is no such header.",
            examples=['"1"'],
        ),
    ] = None,
) -> list[int] | None:
    """The versions that a change may be of; None is any."""
    if if_match is None or if_match == "*":
        return None
    # A proxy that compresses marks tags as weak. It is the version all the same.
    return [int(number) for number in re.findall(r'"([1-9]\d{0,8})"', if_match)]


Versions = Annotated[list[int] | None, Depends(read_versions)]
