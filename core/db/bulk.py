"""Bulk writes by column, for which SQLAlchemy's binding row by row is too slow.

On SQLite by the driver's executemany, on PostgreSQL by one statement over arrays.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

Columns = dict[str, list[Any]]


def upsert(session: Session, table: Table, columns: Columns) -> None:
    """Insert rows, or overwrite those with the same primary key. ``columns``: by name, all of one length."""
    key = [column.name for column in table.primary_key]
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    names = ", ".join(columns)
    end = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"
    _run(
        session,
        columns,
        f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))}) {end}",  # noqa: S608 - the model's own names
        f"INSERT INTO {table.name} ({names}) SELECT * FROM {{rows}} {end}",  # noqa: S608 - the model's own names
        table,
    )


def overwrite(session: Session, table: Table, columns: Columns, where: str = "") -> None:
    """Update the rows with these ids; ``columns`` holds ``id`` last. ``where``: a further condition."""
    changed = [name for name in columns if name != "id"]
    condition = f" AND {table.name}.{where}" if where else ""
    _run(
        session,
        columns,
        f"UPDATE {table.name} SET {', '.join(f'{name} = ?' for name in changed)} WHERE id = ?{condition}",  # noqa: S608 - as above
        f"UPDATE {table.name} SET {', '.join(f'{name} = v.{name}' for name in changed)} "  # noqa: S608 - as above
        f"FROM {{rows}} AS v({', '.join(columns)}) WHERE {table.name}.id = v.id{condition}",
        table,
    )


def _run(session: Session, columns: Columns, by_row: str, by_array: str, table: Table) -> None:
    if not next(iter(columns.values())):
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        rows = _unnest(connection.dialect, table, tuple(columns))
        connection.exec_driver_sql(by_array.format(rows=rows), tuple(_to_array(cells) for cells in columns.values()))
    else:
        connection.exec_driver_sql(by_row, list(zip(*columns.values(), strict=True)))


@lru_cache
def _unnest(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    types = (table.c[name].type.dialect_impl(dialect).compile(dialect) for name in names)
    return f"unnest({', '.join(f'%s::{type_}[]' for type_ in types)})"


def _to_array(cells: list[Any]) -> str:
    """A PostgreSQL array literal; the driver's own conversion takes several times as long."""
    return f"{{{','.join(map(_to_element, cells))}}}"


def _to_element(cell: float | str | bytes | None) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bytes):
        return f'"\\\\x{cell.hex()}"'
    if isinstance(cell, str):
        escaped = cell.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(cell)
