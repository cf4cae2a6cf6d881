"""Reader of archives from untrusted sources: nothing is used before everything is checked."""

from __future__ import annotations

import contextlib
import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from core.archive.manifest import FORMAT, MANIFEST, MAX_MANIFEST_BYTES, Manifest, is_name
from core.errors import ArchiveError

_BLOCK = 2**20


class Reader:
    """An archive whose members all match their digests."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            # Uncompressed only, so that sizes are bounded by the file's.
            self._tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115  # the file is the caller's to close
            self._members = _collect(self._tar)
            self.manifest = self._read_manifest()
            self._check()
        except tarfile.TarError as error:
            raise ArchiveError(f"This is not a complete backup: {error}.") from error

    def open(self, name: str) -> IO[bytes]:
        """Open a member for reading."""
        file = self._tar.extractfile(self._members[name])
        assert file is not None, "members were checked to be files"
        return file

    def _read_manifest(self) -> Manifest:
        found = self._members.get(MANIFEST)
        if found is None or found.size > MAX_MANIFEST_BYTES:
            raise ArchiveError(f"This is not a complete backup: expected a {MANIFEST} at its end.")
        try:
            manifest = Manifest.model_validate_json(self.open(MANIFEST).read())
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise ArchiveError(f"The backup's manifest is invalid: {where}: {problem['msg']}.") from error
        if manifest.format_version != FORMAT:
            raise ArchiveError(
                f"This backup is of a newer Ridgeline ({manifest.version}); restore it with that version.",
                field="format_version",
                expected=str(FORMAT),
                received=manifest.format_version,
            )
        return manifest

    def _check(self) -> None:
        listed = {part for table in self.manifest.tables.values() for part in table.parts}
        named = listed | {*self.manifest.checkpoints, MANIFEST}
        if named != set(self._members) or {*self.manifest.members, MANIFEST} != named:
            raise ArchiveError("The backup's files are not those of its manifest.")
        for name, member in self.manifest.members.items():
            with self.open(name) as file:
                if self._members[name].size != member.bytes or _digest(file) != member.sha256:
                    raise ArchiveError(f"The backup is damaged: {name} does not match its digest.", field=name)


def _collect(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    members: dict[str, tarfile.TarInfo] = {}
    for member in tar:
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or not is_name(member.name):
            raise ArchiveError(f"Not a member of a backup: {member.name[:200]!r}.", field="name")
        if member.name in members:
            raise ArchiveError(f"The backup holds {member.name} twice.", field="name")
        members[member.name] = member
    return members


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Reader]:
    """Open and check the archive in a file. Raises ArchiveError."""
    try:
        with path.open("rb") as file:
            yield Reader(file)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}.") from error
