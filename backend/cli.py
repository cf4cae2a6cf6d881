"""The `ridgeline` command."""

from __future__ import annotations

import os
import signal
import sys
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from backend.client import ApiError, Client, find_url
from backend.console import console, print_experiment, print_list, watch
from core.db.states import State
from core.failures import run as run_safely
from core.settings import Settings, get_settings

app = typer.Typer(
    help="Ridgeline: regularization experiments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Url = Annotated[str, typer.Option("--url", envvar="RIDGELINE_URL", help="Where the API is; default: this machine.")]
Id = Annotated[int, typer.Argument(min=1, help="The experiment's id.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the API answers.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on; default RIDGELINE_HOST or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port; default RIDGELINE_PORT or 8000.")]


def connect(url: str) -> Client:
    settings = get_settings()
    return Client(url or find_url(settings), settings.token)


def choose_settings(host: str | None, port: int | None) -> Settings:
    """The settings with what the command line says put over them, for child processes too."""
    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[f"RIDGELINE_{name}"] = str(value)
    get_settings.cache_clear()
    return get_settings()


@app.command()
def up(host: Host = None, port: Port = None) -> None:
    """Start everything on this machine: database, API, page and a worker. Ctrl-C ends it."""
    from backend.launch import launch

    raise typer.Exit(launch(choose_settings(host, port)))


@app.command()
def serve(
    host: Host = None, port: Port = None, quiet: Annotated[bool, typer.Option(help="Log warnings only.")] = False
) -> None:
    """Serve the API and the page."""
    from backend.server import serve as run

    run(choose_settings(host, port), quiet=quiet)


@app.command()
def worker() -> None:
    """Train what is queued."""
    # Held back until the worker has been loaded and hears them (worker.app, worker.fleet).
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    # In place of this process, so that signals reach the worker; the API's side never loads it.
    os.execv(sys.executable, [sys.executable, "-m", "worker.fleet"])  # noqa: S606  # no shell is wanted


@app.command()
def migrate() -> None:
    """Bring the database's schema to the newest revision."""
    from core.db.engine import make_engine
    from core.db.engine import migrate as run
    from core.db.revision import find_newest_revision

    engine = make_engine(get_settings())
    run(engine)
    console.print(f"The {engine.dialect.name} database is at revision {find_newest_revision()}.")
    engine.dispose()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write; - is standard output.", show_default=False)],
) -> None:
    """Write the database and the checkpoints into one file. Ridgeline may run meanwhile."""
    from backend.keeping import write_backup

    write_backup(get_settings(), file)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="An archive of `ridgeline backup`; - reads standard input.")],
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the database holds now.")] = False,
) -> None:
    """Fill the database and the checkpoint folder from a backup."""
    from backend.keeping import read_backup

    read_backup(get_settings(), file, replace=replace)


@app.command()
def submit(
    file: Annotated[Path, typer.Argument(help="A spec in YAML or JSON; - reads standard input.")],
    follow: Annotated[bool, typer.Option("--watch", help="Follow it to its end.")] = False,
    key: Annotated[str, typer.Option(help="Idempotency-Key: sent twice, it makes one experiment.")] = "",
    url: Url = "",
) -> None:
    """Start an experiment."""
    client = connect(url)
    spec = read_spec(file)
    # A key of its own makes it safe to send again; this command sends once.
    made = client.post("/api/experiments", spec, {"Idempotency-Key": key or uuid.uuid4().hex})
    console.print(f"Experiment {made['id']}: {made['runs']} runs in {len(made['jobs'])} jobs.")
    console.print(f"{client.url}/experiments/{made['id']}")
    if follow:
        follow_to_end(client, made["id"])


def follow_to_end(client: Client, experiment_id: int) -> None:
    try:
        state = watch(client, experiment_id)
    except KeyboardInterrupt:
        console.print(f"Experiment {experiment_id} goes on; end it with: ridgeline cancel {experiment_id}")
        raise typer.Exit(130) from None
    print_experiment(client.get(f"/api/experiments/{experiment_id}"))
    if state != State.COMPLETED:
        raise typer.Exit(1)


def read_spec(file: Path) -> Any:
    """The file's content. Raises ApiError with a sentence where it is not there or not YAML."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        spec = yaml.safe_load(text)
    except OSError as error:
        raise ApiError(f"{file} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f" (line {place.line + 1}, column {place.column + 1})" if place else ""
        raise ApiError(f"{file} is neither YAML nor JSON{where}.") from error
    if not isinstance(spec, dict):
        raise ApiError(f"{file} must hold a spec: names with values; it holds {type(spec).__name__}.")
    return spec


@app.command("list")
def list_experiments(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    text: Annotated[str, typer.Option(help="Only those with this text in name or notes.")] = "",
    tag: Annotated[str, typer.Option(help="Only those with this tag.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """List experiments, the newest first."""
    chosen = {"state": state.value if state else "", "text": text, "tag": tag}
    page = connect(url).get("/api/experiments", limit=limit, **{name: value for name, value in chosen.items() if value})
    console.print_json(data=page) if as_json else print_list(page)


@app.command()
def show(
    experiment_id: Id,
    follow: Annotated[bool, typer.Option("--watch", help="Follow it to its end.")] = False,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show an experiment: state, progress, best result, and every strength."""
    client = connect(url)
    view = client.get(f"/api/experiments/{experiment_id}")
    if follow:
        follow_to_end(client, experiment_id)
    elif as_json:
        console.print_json(data=view)
    else:
        print_experiment(view)


@app.command()
def cancel(experiment_id: Id, url: Url = "") -> None:
    """Cancel an experiment; what it has recorded is kept."""
    view = connect(url).post(f"/api/experiments/{experiment_id}/cancel")
    ending = "is being cancelled" if view["cancel_requested"] else f"is {view['state']}"
    console.print(f"Experiment {experiment_id} {ending}.")


@app.command()
def retry(experiment_id: Id, url: Url = "") -> None:
    """Train again what failed of an experiment, each job from its last checkpoint."""
    view = connect(url).post(f"/api/experiments/{experiment_id}/retry")
    console.print(f"Experiment {experiment_id} is {view['state']}.")


@app.command()
def resume(experiment_id: Id, url: Url = "") -> None:
    """Go on with what was cancelled of an experiment, each job from its last checkpoint."""
    view = connect(url).post(f"/api/experiments/{experiment_id}/resume")
    console.print(f"Experiment {experiment_id} is {view['state']}.")


@app.command()
def extend(
    experiment_id: Id,
    strengths: Annotated[
        list[str] | None, typer.Option(help="Strengths to add: l1=0.1,0.2; may be given several times.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many seeds there shall be in all.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="How many epochs there shall be in all.")] = None,
    url: Url = "",
) -> None:
    """Add strengths, seeds or epochs to an experiment that has ended; only what is missing is trained."""
    more = {"strengths": read_strengths(strengths or []), "seeds": seeds, "epochs": epochs}
    view = connect(url).post(f"/api/experiments/{experiment_id}/extend", more)
    console.print(f"Experiment {experiment_id}: {view['runs']} runs in {len(view['jobs'])} jobs, {view['state']}.")


def read_strengths(given: list[str]) -> dict[str, list[float]]:
    """From ``key=0.1,0.2``; a key may hold an equals sign itself. Raises ApiError with a sentence."""
    strengths: dict[str, list[float]] = {}
    for text in given:
        key, _, values = text.rpartition("=")
        try:
            strengths.setdefault(key, []).extend(float(value) for value in values.split(","))
        except ValueError:
            raise ApiError(
                f"--strengths expects a regularizer and numbers, such as l1=0.1,0.2; received {text}."
            ) from None
    return strengths


def main() -> None:
    """Run the command; whatever goes wrong is said in a sentence, and the exit status is not 0."""
    sys.exit(run_safely(app))


if __name__ == "__main__":
    main()
