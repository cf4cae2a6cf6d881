"""Commands for a running Ridgeline: experiments."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import ApiError, Client
from backend.cli.errors import FAILED, refuse
from backend.cli.options import AsJson, Follow, Id, Ids, RunId, Url, connect
from backend.cli.output import (
    console,
    name_experiment,
    notes,
    print_answer,
    print_claims,
    print_comparison,
    print_experiment,
    print_json,
    print_list,
    quote,
)
from backend.cli.spec_file import read_spec, read_strengths
from backend.cli.watch import follow_to_end
from core.analysis.selection import Metric
from core.db.states import TERMINAL, State
from core.errors import ConflictError


def submit(
    file: Annotated[Path, typer.Argument(help="A spec in YAML or JSON; - reads standard input.")],
    follow: Follow = False,
    key: Annotated[str, typer.Option(help="Idempotency-Key: two submissions with one key create one experiment.")] = "",
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Start an experiment."""
    client = connect(url)
    spec = read_spec(file)
    # A unique key makes retries by proxies safe.
    made = client.post("/api/experiments", spec, {"Idempotency-Key": key or uuid.uuid4().hex})
    if as_json and follow:
        print_json({"event": "start", "experiment": made}, indent=None)
    elif as_json:
        print_json(made)
    else:
        console.print(f"Experiment {made['id']}: {made['runs']} runs in {len(made['jobs'])} jobs.")
        console.print(f"{client.url}/experiments/{made['id']}")
    if follow:
        follow_to_end(client, made["id"], as_json=as_json)


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
    print_json(page) if as_json else print_list(page)


def show(experiment_id: Id, follow: Follow = False, as_json: AsJson = False, url: Url = "") -> None:
    """Show an experiment: state, progress, best result, and every strength."""
    client = connect(url)
    view = client.get(f"/api/experiments/{experiment_id}")
    if follow:
        follow_to_end(client, experiment_id, as_json=as_json)
    else:
        print_json(view) if as_json else print_experiment(view)


def answer(
    experiment_id: Id,
    metric: Annotated[
        Metric, typer.Option(help="What chooses the strength on validation and is compared on test.")
    ] = "score",
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Say which regularizer is better than the baseline, at which strength, and what that rests on."""
    found = connect(url).get(f"/api/experiments/{experiment_id}/answer", metric=metric)
    print_json(found) if as_json else print_answer(found)


def compare(
    experiment_ids: Ids,
    metric: Annotated[
        Metric, typer.Option(help="What chooses the strengths on validation and is compared on test.")
    ] = "score",
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Compare experiments with the first one on test, and say what differs in their specs."""
    found = connect(url).get("/api/comparison", experiment=experiment_ids, metric=metric)
    print_json(found) if as_json else print_comparison(found)


def script(run_id: RunId, as_json: AsJson = False, url: Url = "") -> None:
    """Print a self-contained PyTorch script that trains a run and prints its curve."""
    text = connect(url).get_text(f"/api/runs/{run_id}/script", "text/x-python")
    print_json({"run": run_id, "script": text}) if as_json else sys.stdout.write(text)


def claims(experiment_id: Id, as_json: AsJson = False, url: Url = "") -> None:
    """Say what of the textbook holds: a verdict per regularizer and claim, by its trend over the strengths."""
    found = connect(url).get(f"/api/experiments/{experiment_id}/claims")
    print_json(found) if as_json else print_claims(found)


def cancel(experiment_id: Id, as_json: AsJson = False, url: Url = "") -> None:
    """Cancel an experiment that has not ended; recorded results are kept."""
    client = connect(url)
    path = f"/api/experiments/{experiment_id}"
    _require_active(client.get(path))
    view = client.post(f"{path}/cancel")
    # It may have ended meanwhile.
    if view["state"] != State.CANCELLED:
        _require_active(view)
    ending = "is being cancelled" if view["cancel_requested"] else f"is {view['state']}"
    print_json(view) if as_json else console.print(f"Experiment {experiment_id} {ending}.")


def _require_active(view: dict[str, Any]) -> None:
    if view["state"] in TERMINAL:
        raise ConflictError(
            f"Experiment {view['id']} has ended already: it is {view['state']}.",
            field="state",
            expected="an experiment that is queued or running",
            received=view["state"],
        )


def retry(experiment_id: Id, as_json: AsJson = False, url: Url = "") -> None:
    """Retry the failed jobs of an experiment, each from its last checkpoint."""
    _start_again(connect(url), experiment_id, "retry", as_json=as_json)


def resume(experiment_id: Id, as_json: AsJson = False, url: Url = "") -> None:
    """Resume the cancelled jobs of an experiment, each from its last checkpoint."""
    _start_again(connect(url), experiment_id, "resume", as_json=as_json)


def _start_again(client: Client, experiment_id: int, verb: str, *, as_json: bool) -> None:
    view = client.post(f"/api/experiments/{experiment_id}/{verb}")
    print_json(view) if as_json else console.print(f"Experiment {experiment_id} is {view['state']}.")


def extend(
    experiment_id: Id,
    strengths: Annotated[
        list[str] | None, typer.Option(help="Strengths to add: l1=0.1,0.2; may be given several times.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Total number of seeds.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Total number of epochs.")] = None,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Add strengths, seeds or epochs to an ended experiment; only what is missing is trained."""
    more = {"strengths": read_strengths(strengths or []), "seeds": seeds, "epochs": epochs}
    view = connect(url).post(f"/api/experiments/{experiment_id}/extend", more)
    if as_json:
        print_json(view)
    else:
        console.print(f"Experiment {experiment_id}: {view['runs']} runs in {len(view['jobs'])} jobs, {view['state']}.")


def delete(
    experiment_ids: Ids,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Delete experiments with all their results; asks first."""
    if as_json and not yes:
        raise typer.BadParameter("with --json nothing is asked; give --yes as well", param_hint="--json")
    client = connect(url)
    # In the given order, without repeats.
    wanted = list(dict.fromkeys(experiment_ids))
    deleted: list[int] = []
    if yes or _may_delete(client, wanted):
        deleted = [experiment_id for experiment_id in wanted if _delete(client, experiment_id, as_json=as_json)]
    if as_json:
        print_json({"deleted": deleted})
    else:
        for experiment_id in deleted:
            console.print(f"Experiment {experiment_id} is deleted.")
    if deleted != wanted:
        raise typer.Exit(FAILED)


def _may_delete(client: Client, experiment_ids: list[int]) -> bool:
    """Ask. Raises ApiError where one does not exist, or without an answer."""
    for experiment_id in experiment_ids:
        notes.print(quote(name_experiment(client.get(f"/api/experiments/{experiment_id}"))))
    notes.print("Delete it, with all its results?" if len(experiment_ids) == 1 else "Delete all of them?", end="")
    notes.print(" [y/N] ", markup=False, end="")
    answer = sys.stdin.readline()
    if not answer:
        notes.print()
        raise ApiError("Nothing was deleted: nobody answered the question. Give --yes to delete without one.")
    if answer.strip().lower() in ("y", "yes"):
        return True
    notes.print("Nothing was deleted.")
    return False


def _delete(client: Client, experiment_id: int, *, as_json: bool) -> bool:
    """Delete one; whether it was deleted. A rejection is printed, not raised."""
    try:
        client.delete(f"/api/experiments/{experiment_id}")
    except ApiError as error:
        if error.body is None:
            raise
        refuse(error, as_json=as_json)
        return False
    return True
