"""Writes an archive from front to end, so that it may be a pipe; the manifest comes last."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from core.archive.manifest import MANIFEST, Manifest, Member
from core.errors import ArchiveError


class _Digesting:
    """Passes reading on, and digests what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


class _Outlet:
    """Passes writing on. After a write that failed the rest is dropped: tarfile tries once more when it is let go of,
    and Python would say in its own words that this failed too."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._failed = False

    def write(self, block: bytes) -> int:
        if self._failed:
            return len(block)
        try:
            return self._file.write(block)
        except BaseException:
            self._failed = True
            raise


class Writer:
    """``add`` members, then ``finish`` with the manifest. ``members``: those that are in it so far."""

    def __init__(self, file: IO[bytes]) -> None:
        outlet: Any = _Outlet(file)
        self._tar = tarfile.open(fileobj=outlet, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  # see finish
        self.members: dict[str, Member] = {}

    def add(self, name: str, file: IO[bytes], size: int) -> None:
        """``size`` bytes of ``file``. Raises OSError where it has fewer."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(time.time())
        reading = _Digesting(file)
        self._tar.addfile(member, reading)
        self.members[name] = Member(bytes=size, sha256=reading.digest.hexdigest())

    def add_bytes(self, name: str, content: bytes) -> None:
        self.add(name, io.BytesIO(content), len(content))

    def finish(self, manifest: Manifest) -> None:
        self.add_bytes(MANIFEST, manifest.model_dump_json(indent=1).encode())
        self._tar.close()


@contextlib.contextmanager
def open_target(path: Path) -> Iterator[IO[bytes]]:
    """A file that only its owner reads, and that has its name once it is whole. Raises ArchiveError."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in it to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
