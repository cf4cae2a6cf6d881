"""Writer of archives, sequential so that the target may be a pipe; the manifest comes last."""

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
    """A reader that computes the digest of what it reads."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


class _Outlet:
    """A writer that drops everything after a failed write: tarfile writes again when it is closed, and Python would
    report that failure too."""

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
    """``add`` members, then ``finish`` with the manifest. ``members``: those added so far."""

    def __init__(self, file: IO[bytes]) -> None:
        outlet: Any = _Outlet(file)
        self._tar = tarfile.open(fileobj=outlet, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  # see finish
        self.members: dict[str, Member] = {}

    def add(self, name: str, file: IO[bytes], size: int) -> None:
        """Add ``size`` bytes of ``file``. Raises OSError where it has fewer."""
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
    """A file readable by its owner only, which gets its name when it is complete. Raises ArchiveError.

    ``force``: whether it may replace an existing file.
    """
    # A link stands for its target.
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
        raise ArchiveError(f"{target} is not a regular file.", field="file")
    if target.exists() and not force:
        raise _refuse(target)


def _refuse(target: Path) -> ArchiveError:
    return ArchiveError(
        f"{target} exists already. Choose another name, or give --force to overwrite it.",
        field="file",
        expected="a new name, or --force",
        received=str(target),
    )


def _name(partial: Path, target: Path, force: bool) -> None:
    """Give the file its name; without ``force`` never that of an existing file."""
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
