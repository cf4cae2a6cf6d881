"""Who wrote which epoch row: a table that the database fills itself, with the lease that held at the time."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import text

from tests.installation import Installation

SQLITE = [
    "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, job_id INT, run_id INT, epoch INT, token TEXT)",
    *(
        f"CREATE TRIGGER audit_{event} AFTER {event} ON epochs BEGIN "  # noqa: S608 - from the line below
        "INSERT INTO audit(job_id, run_id, epoch, token) SELECT jobs.id, NEW.run_id, NEW.epoch, jobs.token "
        "FROM runs JOIN jobs ON jobs.id = runs.job_id WHERE runs.id = NEW.run_id; END"
        for event in ("INSERT", "UPDATE")
    ),
]
POSTGRESQL = [
    "CREATE TABLE audit (id BIGSERIAL PRIMARY KEY, job_id INT, run_id INT, epoch INT, token TEXT)",
    "CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO audit(job_id, run_id, epoch, token) SELECT jobs.id, NEW.run_id, NEW.epoch, jobs.token "
    "FROM runs JOIN jobs ON jobs.id = runs.job_id WHERE runs.id = NEW.run_id; RETURN NULL; END $$",
    "CREATE TRIGGER audit AFTER INSERT OR UPDATE ON epochs FOR EACH ROW EXECUTE FUNCTION audit()",
]


def begin(installation: Installation) -> None:
    """From now on every row that is written is noted."""
    with installation.sessions.begin() as session:
        for statement in SQLITE if session.get_bind().dialect.name == "sqlite" else POSTGRESQL:
            session.execute(text(statement))


def list_strays(installation: Installation, job_id: int) -> list[tuple[int, int, str]]:
    """Rows of a job, (run, epoch, token), that no undisturbed holder of that lease would have written when it did.

    Under one lease a run's epochs come one after the other, each once; a writer who lost it comes in between.
    """
    wanted = text("SELECT run_id, epoch, token FROM audit WHERE job_id = :job ORDER BY run_id, id")
    rows = installation.read(lambda session: session.execute(wanted, {"job": job_id}).all())
    strays: list[tuple[int, int, str]] = []
    last = dict[int, int]()
    for (run, token), written in groupby(rows, lambda row: (row.run_id, row.token)):
        epochs = [row.epoch for row in written]
        # A lease begins at or before the end of what those before it have written.
        begins = epochs[0] <= last.get(run, 0) + 1 and token is not None
        expected = range(epochs[0], epochs[0] + len(epochs)) if begins else range(0)
        strays += [
            (run, epoch, token) for at, epoch in enumerate(epochs) if at >= len(expected) or expected[at] != epoch
        ]
        last[run] = epochs[-1]
    return strays
