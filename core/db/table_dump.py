"""Rows of any table as lines of JSON, the same on SQLite and PostgreSQL, at any revision of the schema.

Tables are reflected from the database, not taken from the models, so that older revisions can be read.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    cast,
    func,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, REGCLASS

from core.db.models import Base, UTCDateTime
from core.db.states import TERMINAL, State

# These concern this installation only.
EXCLUDED_TABLES = frozenset({"workers", "alembic_version"})
# SQLite's last id of each table.
_SEQUENCE = Table("sqlite_sequence", MetaData(), Column("name", Text), Column("seq", Integer))
_NONE = Column("none", Text)
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (JSON, "json"),
    (Boolean, "boolean"),
    (DateTime, "time"),
    (LargeBinary, "bytes"),
    (Integer, "integer"),
    (Float, "float"),
    (String, "text"),
)


@contextmanager
def open_snapshot(engine: Engine) -> Iterator[Connection]:
    """A transaction with one snapshot of the database, which blocks no writer."""
    if engine.dialect.name == "sqlite":
        own = engine.execution_options(sqlite_write=False)
    else:
        own = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with own.begin() as connection:
        allow_long_transaction(connection)
        yield connection


def allow_long_transaction(connection: Connection) -> None:
    """Exempt this transaction from the idle timeout (core.db.engine), since disks and pipes may be slow."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def lock_tables(connection: Connection) -> None:
    """Lock Ridgeline's tables until the transaction ends. SQLite has a single writer anyway."""
    names = ", ".join(table.name for table in reflect_tables(connection))
    if connection.dialect.name == "postgresql" and names:
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))


def reflect_tables(connection: Connection) -> list[Table]:
    """Ridgeline's tables in this database, each after those that it references."""
    found = set(inspect(connection).get_table_names()) & {*Base.metadata.tables, "alembic_version"}
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(found))
    return list(metadata.sorted_tables)


def drop_tables(connection: Connection) -> None:
    """Drop Ridgeline's tables; others stay."""
    for table in reversed(reflect_tables(connection)):
        table.drop(connection)


def describe_columns(table: Table) -> dict[str, str]:
    """The kind of each column, in order."""
    return {column.name: _name_kind(column) for column in table.columns}


def read_rows(connection: Connection, table: Table, batch: int) -> Iterator[tuple[bytes, int]]:
    """Lines of JSON, and their number: batches of rows in the order of the primary key."""
    kinds = list(describe_columns(table).values())
    chosen = select(*(_select_as(column) for column in table.columns)).order_by(*table.primary_key)
    result = connection.execution_options(yield_per=batch).execute(chosen)
    for rows in result.partitions():
        lines = [orjson.dumps([_encode(kind, cell) for kind, cell in zip(kinds, row, strict=True)]) for row in rows]
        yield b"\n".join(lines) + b"\n", len(lines)


def write_rows(connection: Connection, table: Table, columns: dict[str, str], lines: bytes) -> int:
    """Insert lines of ``read_rows``; how many. ``columns``: the columns of the lines, in order. Raises ValueError."""
    rows = [_decode_row(columns, orjson.loads(line)) for line in lines.splitlines()]
    if rows:
        values = {name: _insert_as(connection, kind, name) for name, kind in columns.items()}
        connection.execute(table.insert().values(values), [_prefix(row) for row in rows])
    return len(rows)


@dataclass(frozen=True)
class NamedCheckpoint:
    """A checkpoint that a job may continue from, or a run's weights; ``ended``: whether the job has ended."""

    job_id: int
    name: str
    ended: bool


def list_checkpoints(connection: Connection) -> list[NamedCheckpoint]:
    """The checkpoints and weights that the database names; none at revisions without them."""
    tables = {table.name: table for table in reflect_tables(connection)}
    jobs = tables.get("jobs")
    if jobs is None or "checkpoints" not in jobs.columns:
        return []
    rows = connection.execute(select(jobs.c.id, jobs.c.state, cast(jobs.c.checkpoints, Text)).order_by(jobs.c.id))
    return [
        NamedCheckpoint(job_id, checkpoint["name"], State(state) in TERMINAL)
        for job_id, state, written in rows
        for checkpoint in orjson.loads(written)
    ] + _list_weights(connection, jobs, tables["runs"])


def _list_weights(connection: Connection, jobs: Table, runs: Table) -> list[NamedCheckpoint]:
    if "weights" not in runs.columns:
        return []
    wanted = select(jobs.c.id, runs.c.weights, jobs.c.state).join(runs, runs.c.job_id == jobs.c.id)
    rows = connection.execute(wanted.where(runs.c.weights.is_not(None)).order_by(runs.c.id))
    return [NamedCheckpoint(job_id, name, State(state) in TERMINAL) for job_id, name, state in rows]


def count_rows(connection: Connection) -> int:
    """The number of rows that a backup would hold."""
    tables = [table for table in reflect_tables(connection) if table.name not in EXCLUDED_TABLES]
    counts = (connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    return sum(counts)


def read_counters(connection: Connection) -> dict[str, int]:
    """The last id given by each table, even if its row is deleted; 0 for none."""
    return {table.name: _read_counter(connection, table) for table in _list_counting(connection)}


def raise_counters(connection: Connection, *counters: Mapping[str, int]) -> None:
    """Make every table's next ids greater than all of these, and than those of its rows."""
    for table in _list_counting(connection):
        last = max([_read_counter(connection, table), *(given.get(table.name, 0) for given in counters)])
        if last:
            _write_counter(connection, table, last)


def _list_counting(connection: Connection) -> list[Table]:
    return [table for table in reflect_tables(connection) if isinstance(table.columns.get("id", _NONE).type, Integer)]


def _read_counter(connection: Connection, table: Table) -> int:
    highest: int = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    if connection.dialect.name == "sqlite":
        # Absent before the first table with such ids.
        if not inspect(connection).has_table("sqlite_sequence"):
            return highest
        counted = select(_SEQUENCE.c.seq).where(_SEQUENCE.c.name == table.name)
        return max(highest, connection.execute(counted).scalar_one_or_none() or 0)
    name = _name_sequence(connection, table)
    last, is_called = connection.execute(text(f"SELECT last_value, is_called FROM {name}")).one()  # noqa: S608  # the server's own
    return max(highest, last if is_called else 0)


def _write_counter(connection: Connection, table: Table, last: int) -> None:
    if connection.dialect.name == "postgresql":
        name = _name_sequence(connection, table)
        connection.execute(select(func.setval(cast(name, REGCLASS), last)))
    elif not connection.execute(_SEQUENCE.update().where(_SEQUENCE.c.name == table.name).values(seq=last)).rowcount:
        connection.execute(_SEQUENCE.insert().values(name=table.name, seq=last))


def _name_sequence(connection: Connection, table: Table) -> str:
    name: str = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar_one()
    return name


def _name_kind(column: Column[Any]) -> str:
    return next(name for type_, name in _KINDS if isinstance(column.type, type_))


def _select_as(column: Column[Any]) -> Any:
    kind = _name_kind(column)
    # As text, JSON's null differs from NULL.
    if kind == "json":
        return cast(column, Text)
    return type_coerce(column, UTCDateTime()) if kind == "time" else column


def _insert_as(connection: Connection, kind: str, name: str) -> Any:
    types: dict[str, Any] = {"json": Text(), "time": UTCDateTime(), "bytes": LargeBinary(), "boolean": Boolean()}
    value = bindparam(f"to_{name}", type_=types.get(kind))
    return cast(value, JSONB) if kind == "json" and connection.dialect.name == "postgresql" else value


def _prefix(row: dict[str, Any]) -> dict[str, Any]:
    return {f"to_{name}": cell for name, cell in row.items()}


def _encode(kind: str, cell: Any) -> Any:
    if cell is None:
        return None
    if kind == "bytes":
        return base64.b64encode(cell).decode()
    if kind == "time":
        return cell.astimezone(UTC).isoformat()
    # JSON has no infinities and no NaN.
    return str(cell) if kind == "float" and not math.isfinite(cell) else cell


def _decode_row(columns: dict[str, str], cells: Any) -> dict[str, Any]:
    if not isinstance(cells, list) or len(cells) != len(columns):
        raise ValueError(f"expected a row of {len(columns)} cells")
    return {name: _decode(kind, cell) for (name, kind), cell in zip(columns.items(), cells, strict=True)}


def _decode(kind: str, cell: Any) -> Any:
    if cell is None:
        return None
    if kind == "bytes":
        return base64.b64decode(cell, validate=True)
    if kind == "time":
        return datetime.fromisoformat(cell)
    return float(cell) if kind == "float" else cell
