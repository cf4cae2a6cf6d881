"""The manifest of a backup, and the names of its members."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 256 * 2**20
_ROWS = re.compile(r"tables/[a-z_]{1,63}/\d{8}\.jsonl")
_CHECKPOINT = re.compile(r"checkpoints/(job-[1-9]\d{0,18})/(\d{8}-[0-9a-f]{8}(?:\.weights)?\.safetensors)")

Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Member(_Part):
    """A file of the archive."""

    bytes: Count
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class TableEntry(_Part):
    """``columns``: the kind of each, in the order of the cells; ``parts``: the members with its rows, in order."""

    columns: dict[str, str]
    rows: Count
    parts: list[str]


class Manifest(_Part):
    """``revision``: of the schema; ``dialect``: of the original database, for information.

    ``counters``: by table, the last id given, so that none is reused. ``missing``: the number of checkpoints that were
    not in the checkpoint folder.
    """

    format: Literal["ridgeline-backup"] = "ridgeline-backup"
    format_version: int = FORMAT
    version: str
    revision: str
    dialect: str
    created: Annotated[datetime, Field(strict=False)]
    tables: dict[str, TableEntry]
    counters: dict[str, Annotated[int, Field(ge=0, lt=2**31)]] = {}
    missing: Count = 0
    members: dict[str, Member]

    @property
    def checkpoints(self) -> list[str]:
        """The members that are checkpoints, or weights beside them."""
        return [name for name in self.members if name.startswith("checkpoints/")]

    @property
    def bytes(self) -> int:
        return sum(member.bytes for member in self.members.values())


def name_rows(table: str, number: int) -> str:
    return f"tables/{table}/{number:08d}.jsonl"


def name_checkpoint(job_id: int, name: str) -> str:
    return f"checkpoints/job-{job_id}/{name}"


def is_name(name: str) -> bool:
    """Whether a member may have this name; no legal name leads out of its folder."""
    return name == MANIFEST or bool(_ROWS.fullmatch(name) or _CHECKPOINT.fullmatch(name))


def split_checkpoint(name: str) -> tuple[str, str]:
    """The folder and file name of a checkpoint. Raises ValueError."""
    found = _CHECKPOINT.fullmatch(name)
    if found is None:
        raise ValueError(f"expected the name of a checkpoint; received {name!r}")
    return found[1], found[2]
