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
from core.durable_files import sync_folder
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
def open_target(path: Path, *, force: bool = False) -> Iterator[IO[bytes]]:
    """A file that only its owner reads, and that has its name once it is whole. Raises ArchiveError.

    ``force``: whether it may take the place of a file that is there.
    """
    # Where the name is a link, the file behind it is meant.
    target = path.resolve()
    _check_place(target, force)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(partial, target, force)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(target.parent)


def _check_place(target: Path, force: bool) -> None:
    if target.exists() and not target.is_file():
        raise ArchiveError(f"{target} is no file that a backup can take the place of.", field="file")
    if target.exists() and not force:
        raise _refuse(target)


def _refuse(target: Path) -> ArchiveError:
    return ArchiveError(
        f"{target} is there already. Choose another name, or give --force to write over it.",
        field="file",
        expected="a new name, or --force",
        received=str(target),
    )


def _name(partial: Path, target: Path, force: bool) -> None:
    """Give the file its name; without ``force`` not that of one that came meanwhile."""
    if force:
        partial.replace(target)
        return
    try:
        os.link(partial, target)
    except FileExistsError:
        raise _refuse(target) from None
    except OSError:
        # A file system without hard links.
        _check_place(target, force)
        partial.replace(target)
