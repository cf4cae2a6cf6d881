"""What is brought to the disk, in which order: seen at the system's own calls."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.durable_files import make_folder, sync_folder, sync_tree

Synced = list[str]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Synced:
    """What was brought to the disk, by its path in the test's folder. It really is."""
    paths: Synced = []
    sync: Callable[[int], None] = os.fsync

    def note(descriptor: int) -> None:
        paths.append(os.path.relpath(Path(f"/proc/self/fd/{descriptor}").readlink(), tmp_path))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return paths


def test_the_name_of_each_new_folder_is_on_the_disk(synced: Synced, tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    assert synced[-3:] == [".", "a", "a/b"]
    assert (tmp_path / "a/b/c").is_dir()


def test_the_name_of_a_folder_that_another_has_just_made_is_too(synced: Synced, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    make_folder(tmp_path / "a")
    assert synced == ["."]


def test_a_tree_is_there_from_its_leaves_to_its_name(synced: Synced, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_text("content")
    sync_tree(tmp_path / "a")
    assert synced == ["a/b/file", "a/b", "a", "."]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EIO])
def test_only_a_file_system_that_cannot_sync_a_folder_is_excused(
    number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    if number == errno.EINVAL:
        sync_folder(tmp_path)
    else:
        with pytest.raises(OSError, match="Input/output"):
            sync_folder(tmp_path)


def test_a_folder_that_may_be_entered_and_not_read_is_no_hindrance(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: Callable[..., int] = os.open

    def refuse(path: Path, flags: int) -> int:
        if path == tmp_path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    make_folder(tmp_path / "home")
    assert (tmp_path / "home").is_dir()
