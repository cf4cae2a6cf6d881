"""An archive may come from anywhere: one that is damaged or was made to do harm changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.archive.manifest import MANIFEST
from core.archive.restore import restore
from core.db.engine import migrate
from core.db.models import Experiment
from core.errors import ArchiveError
from tests.core.archive.conftest import MakeEngine

Members = dict[str, bytes]
sqlite_only = pytest.mark.parametrize("source", ["sqlite"], indirect=True)


@pytest.fixture
def members(archive: Path) -> Members:
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]  # all are files


@pytest.fixture
def check_refused(make_bare: MakeEngine, tmp_path: Path) -> Iterator[Callable[[bytes, str], None]]:
    """Checks that a restore of these bytes is refused with this sentence; at the end, that nothing has changed."""
    engine = make_bare("sqlite")
    migrate(engine)
    with Session(engine) as session, session.begin():
        session.add(Experiment(id=77, name="mine", spec={}))
    place = tmp_path / "new"
    place.mkdir()
    (place / "mine").write_text("mine")

    def list_outside() -> list[str]:
        return sorted(path.name for path in tmp_path.iterdir() if ".db" not in path.name)

    def check(content: bytes, sentence: str) -> None:
        (tmp_path / "backup.tar").write_bytes(content)
        outside = list_outside()
        with pytest.raises(ArchiveError, match=sentence):
            restore(engine, place, tmp_path / "backup.tar", replace=True)
        assert list_outside() == outside

    yield check
    assert count(engine) == 1
    assert [path.name for path in place.rglob("*")] == ["mine"]


def count(engine: Engine) -> int:
    with Session(engine) as session:
        return session.execute(select(func.count()).select_from(Experiment)).scalar_one()


def pack(members: Members, *more: tuple[tarfile.TarInfo, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        infos = [(tarfile.TarInfo(name), data) for name, data in members.items()]
        for info, data in (*infos, *more):
            if info.isreg():
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return content.getvalue()


def forge(members: Members, change: Callable[[dict[str, Any], Members], object]) -> bytes:
    """The members changed, their digests made to fit."""
    members, manifest = dict(members), json.loads(members[MANIFEST])
    change(manifest, members)
    manifest["members"] = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
        if name != MANIFEST
    }
    return pack(members | {MANIFEST: json.dumps(manifest).encode()})


@sqlite_only
def test_a_byte_that_flips_anywhere_is_noticed(
    archive: Path, members: Members, check_refused: Callable[[bytes, str], None]
) -> None:
    content, chance = archive.read_bytes(), random.Random(4)
    for name, data in members.items():
        # In the middle of each member's own bytes, so that it is no padding of the format that flips.
        place = content.index(data[:10_000]) + chance.randrange(min(len(data), 10_000))
        flipped = content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]
        check_refused(flipped, "is damaged" if name != MANIFEST else ".")


@sqlite_only
def test_one_that_was_cut_off_is_noticed(archive: Path, check_refused: Callable[[bytes, str], None]) -> None:
    content = archive.read_bytes()
    whole = len(content.rstrip(b"\0"))
    for end in (0, 1, 511, 512, 5000, whole // 2, whole - 1500, whole - 1):
        check_refused(content[:end], "not a complete backup|manifest")


@sqlite_only
@pytest.mark.parametrize("name", ["notes.txt", "pickle"])
def test_no_archive_at_all(name: str, check_refused: Callable[[bytes, str], None], archive: Path) -> None:
    packed = gzip.compress(archive.read_bytes())
    check_refused(b"cos\nsystem\n(S'true'\ntR." if name == "pickle" else b"hello" * 500, "not a complete backup")
    # What unpacks to more than was looked at is not looked at.
    check_refused(packed, "not a complete backup")


NAMES = [
    "../escaped", "/escaped", "checkpoints/../../escaped", "checkpoints/job-1/../../../escaped.safetensors",
    "checkpoints/job-1/00000001-0123abcd.pt", "checkpoints/job-x/00000001-0123abcd.safetensors",
    "checkpoints/job-1/00000001-0123abcd.safetensors\n", "tables/epochs/../../escaped", "tables/epochs/x.pkl", "mine",
]  # fmt: skip


@sqlite_only
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_refused(
    name: str, members: Members, check_refused: Callable[[bytes, str], None]
) -> None:
    check_refused(forge(members, lambda _, files: files.update({name: b"x"})), "Not a member of a backup")


@sqlite_only
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_is_refused(kind: bytes, members: Members, check_refused: Callable[[bytes, str], None]) -> None:
    info = tarfile.TarInfo("checkpoints/job-1/00000001-0123abcd.safetensors")
    info.type, info.linkname = kind, "/etc/passwd"
    check_refused(pack(members, (info, b"")), "Not a member of a backup")


@sqlite_only
def test_a_member_twice_too_many_or_too_few_is_refused(
    members: Members, check_refused: Callable[[bytes, str], None]
) -> None:
    name = "checkpoints/job-7/00000001-0123abcd.safetensors"
    check_refused(pack(members, (tarfile.TarInfo(name), b"other")), "twice")
    check_refused(
        pack(members | {"checkpoints/job-8/00000001-0123abcd.safetensors": b""}), "files are not those of its manifest"
    )
    check_refused(
        pack({key: data for key, data in members.items() if key != name}), "files are not those of its manifest"
    )


def test_rows_that_do_not_fit_leave_what_was_there(
    source: Engine, members: Members, check_refused: Callable[[bytes, str], None]
) -> None:
    """The last table is wrong, so all others are in place by then."""
    part = "tables/runs/00000000.jsonl"

    def orphan(_: dict[str, Any], files: Members) -> None:
        files["tables/histograms/00000000.jsonl"] = files["tables/histograms/00000000.jsonl"].replace(b"[22,", b"[23,")

    check_refused(forge(members, orphan), "cannot be loaded into this database")
    check_refused(forge(members, lambda _, files: files.update({part: b"[1]\n"})), "expected a row of")
    check_refused(forge(members, lambda _, files: files.update({part: b"{}\n"})), "cannot be loaded|expected a row of")
    check_refused(forge(members, lambda _, files: files.update({part: b"no\n"})), "cannot be loaded")
    check_refused(
        forge(members, lambda about, _: about["tables"]["runs"].update(rows=7)), "gives runs 7 rows; it has 3"
    )
    check_refused(
        forge(members, lambda about, _: about["tables"]["runs"]["columns"].pop("seed")), "tables do not match"
    )


@sqlite_only
def test_a_newer_one_is_refused_with_a_sentence(members: Members, check_refused: Callable[[bytes, str], None]) -> None:
    check_refused(forge(members, lambda about, _: about.update(revision="9999")), "backup is of a newer Ridgeline")
    check_refused(forge(members, lambda about, _: about.update(format_version=2)), "backup is of a newer Ridgeline")
    check_refused(forge(members, lambda about, _: about.update(surprise=1)), "manifest is invalid: surprise")
