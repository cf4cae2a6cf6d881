"""What the command line prints: tables, one experiment, and a progress bar that follows the stream."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from backend.client import ApiError, Client
from core.analysis.notation import choose_digits, format_score, format_strength, label_regularizer
from core.db.states import TERMINAL

# What others wrote is given to it as Text, never within markup: it is printed to the letter, [tags] and :codes: too.
console = Console(highlight=False, soft_wrap=True, emoji=False)
_RETRY_SECONDS = 1.0
_COLOURS = {
    "completed": "green", "running": "cyan", "failed": "red", "diverged": "red", "cancelled": "yellow", "queued": "dim",
}  # fmt: skip
_TONES = {"bad": "red", "warn": "yellow", "info": "dim"}


def format_seconds(seconds: float | None) -> str:
    """``2 min 5 s``; a dash where nobody knows."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def colour_state(state: str) -> str:
    return f"[{_COLOURS.get(state, 'white')}]{state}[/]"


def print_list(page: dict[str, Any]) -> None:
    """The experiments of one page, a row each."""
    if not page["items"]:
        console.print("No experiment matches." if page["offset"] or page["total"] else "There are no experiments yet.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("ID", "State", "Epochs", "Name", "Data", "Network", "Best so far", "Created"):
        right = column in ("ID", "Epochs")
        # A row each: what does not fit is cut, the names and sentences first.
        flexible = column in ("Name", "Best so far")
        table.add_column(column, justify="right" if right else "left", no_wrap=True, ratio=1 if flexible else None)
    for item in page["items"]:
        progress, best = item["progress"], item["best"]
        table.add_row(
            str(item["id"]),
            colour_state(item["state"]),
            f"{progress['epochs_done']}/{progress['epochs']}",
            Text(item["name"] or "(no name)"),
            item["dataset"],
            item["network"],
            Text(best["sentence"]) if best else "–",
            f"{datetime.fromisoformat(item['created']).astimezone():%Y-%m-%d %H:%M}",
        )
    console.print(table)
    if page["total"] > len(page["items"]):
        console.print(f"{len(page['items'])} of {page['total']} shown.", style="dim")


def print_experiment(view: dict[str, Any]) -> None:
    """One experiment: where it stands, and its cells."""
    progress = view["progress"]
    console.print(Text(view["name"] or "(no name)", "bold"), f" #{view['id']}  {colour_state(view['state'])}")
    console.print(
        f"{view['dataset']}, {view['network']}, {view['runs']} runs in {len(view['jobs'])} jobs; "
        f"{progress['epochs_done']} of {progress['epochs']} epochs, {format_seconds(progress['seconds'])} so far, "
        f"{format_seconds(progress['seconds_left'])} left"
    )
    for finding in view["findings"]:
        console.print(f"[{_TONES[finding['tone']]}]{finding['title']}.[/]", Text(finding["sentence"]))
    if view["best"]:
        console.print("Best:" if view["state"] in TERMINAL else "Best so far:", Text(view["best"]["sentence"]))
    for stops in view["stops"]:
        console.print(Text(stops["sentence"]))
    for error in view["errors"]:
        console.print("[red]Failed:[/]", Text(error))
    console.print(_make_cells(view))


def _make_cells(view: dict[str, Any]) -> Table:
    caption = "± is the standard deviation over the seeds." if _has_spread(view) else None
    table = Table(box=None, pad_edge=False, caption=caption, caption_justify="left")
    for column in ("Regularizer", "Strength", "Validation", "Seeds", "Stopped", "Diverged", "Failed"):
        table.add_column(column, justify="left" if column == "Regularizer" else "right")
    for regularizer, cells in view["sparklines"].items():
        for cell in cells:
            mean = cell["score_mean"]
            table.add_row(
                label_regularizer(regularizer),
                format_strength(cell["strength"], regularizer) if regularizer != "none" else "",
                "–" if mean is None else _write_score(cell, view),
                str(cell["seeds"]),
                f"at epoch {cell['stopped_epoch']}" if cell["stopped"] else "",
                str(cell["diverged"] or ""),
                str(cell["failed"] or ""),
            )
    return table


def _has_spread(view: dict[str, Any]) -> bool:
    return any(cell["score_deviation"] is not None for cells in view["sparklines"].values() for cell in cells)


def _write_score(cell: dict[str, Any], view: dict[str, Any]) -> str:
    """With as many digits as it takes to tell it from the baseline's."""
    base = next((other["score_mean"] for other in view["sparklines"].get("none", [])), None)
    digits = 0 if base is None else choose_digits(cell["score_mean"], base, view["task"])
    return format_score(cell["score_mean"], view["task"], cell["score_deviation"], digits)


def watch(client: Client, experiment_id: int) -> str:
    """Follow an experiment to its end with a progress bar; the state it ended in.

    A lost connection is taken up again where it broke off. Raises ApiError when the server refuses.
    """
    columns: Sequence[Any] = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("epochs, {task.fields[left]} left"),
        TextColumn("{task.fields[best]}", markup=False),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("queued", total=None, left="–", best="")
        cursor, ended = "", None
        while ended is None:
            try:
                for event in client.stream(f"/api/experiments/{experiment_id}/events", cursor):
                    cursor = event.cursor
                    if event.name == "state":
                        _show(bar, task, event.data)
                    elif event.name == "end":
                        ended = event.data["state"] or "deleted"
            except ApiError:
                # Raises where the server is there and refuses; else the stream is tried again.
                _check(client, experiment_id)
            if ended is None:
                time.sleep(_RETRY_SECONDS)
    return ended


def _check(client: Client, experiment_id: int) -> None:
    try:
        client.get("/api/health")
    except ApiError:
        return
    client.get(f"/api/experiments/{experiment_id}")


def _show(bar: Progress, task: Any, data: dict[str, Any]) -> None:
    progress = data["progress"]
    bar.update(
        task,
        description=data["state"],
        completed=progress["epochs_done"],
        total=progress["epochs"],
        left=format_seconds(None if data["state"] in TERMINAL else progress["seconds_left"]),
        best=data["best"]["sentence"] if data["best"] else "",
    )
