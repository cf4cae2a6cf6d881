"""A PostgreSQL server that says that its disk is full, as it does when it is: in its own words, by its own error."""

from __future__ import annotations

from tests.conftest import run_sql

_SAY = 'could not extend file "base/16384/16385": No space left on device'
_TABLES = ("experiments", "epochs")
_FUNCTION = f"""
BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = '{_SAY}', HINT = 'Check free disk space.'; END
"""


def fill(url: str) -> None:
    """From now on no experiment and no epoch can be written, and no table be filled. Its user must be a superuser."""
    run_sql(
        url,
        f"CREATE FUNCTION say_full() RETURNS trigger LANGUAGE plpgsql AS $${_FUNCTION}$$",
        *(
            f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION say_full()"
            for table in _TABLES
        ),
        f"CREATE FUNCTION refuse_table() RETURNS event_trigger LANGUAGE plpgsql AS $${_FUNCTION}$$",
        "CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS') "
        "EXECUTE FUNCTION refuse_table()",
    )


def make_room(url: str) -> None:
    run_sql(url, "DROP EVENT TRIGGER full_disk", *(f"DROP TRIGGER full_disk ON {table}" for table in _TABLES))
