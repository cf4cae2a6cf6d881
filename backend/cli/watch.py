"""`--watch`: follows an experiment to its end, as a bar on a terminal, as lines in a pipe, or as JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from backend.cli.client import ApiError, Client
from backend.cli.output import colour_state, console, format_seconds, print_experiment, print_json, quote
from backend.cli.table import find_width
from core.db.states import TERMINAL, State

_RETRY_SECONDS = 1.0
_LINE_SECONDS = 10.0
_GAP = 2
_BAR = (4, 20)
_LEAST = 24


class Display(Protocol):
    """Shows ``state`` events."""

    def show(self, data: dict[str, Any]) -> None: ...


def follow_to_end(client: Client, experiment_id: int, *, as_json: bool) -> None:
    """Follow an experiment. Exits with 1 where it does not complete, with 130 on Ctrl-C."""
    try:
        with open_display(experiment_id, as_json=as_json) as display:
            state = watch(client, experiment_id, display)
    except KeyboardInterrupt:
        # The terminal has written ^C.
        if not as_json:
            console.print(f"\nExperiment {experiment_id} goes on; end it with: ridgeline cancel {experiment_id}")
        raise typer.Exit(130) from None
    if state is None:
        raise ApiError(f"Experiment {experiment_id} was deleted.")
    view = client.get(f"/api/experiments/{experiment_id}")
    print_json({"event": "end", "experiment": view}, indent=None) if as_json else print_experiment(view)
    if state != State.COMPLETED:
        raise typer.Exit(1)


def watch(client: Client, experiment_id: int, display: Display) -> str | None:
    """Show an experiment until its end; its final state, None where it was deleted.

    Reconnects from the last cursor. Raises ApiError when the server rejects the request.
    """
    cursor = ""
    while True:
        try:
            for event in client.stream(f"/api/experiments/{experiment_id}/events", cursor):
                cursor = event.cursor
                if event.name == "state":
                    display.show(event.data)
                elif event.name == "end":
                    ended: str | None = event.data["state"]
                    return ended
        except ApiError:
            # Raises if the server is reachable and rejects; else the stream is retried.
            _check(client, experiment_id)
        time.sleep(_RETRY_SECONDS)


def _check(client: Client, experiment_id: int) -> None:
    try:
        client.get("/api/health")
    except ApiError:
        return
    client.get(f"/api/experiments/{experiment_id}")


@contextmanager
def open_display(experiment_id: int, *, as_json: bool) -> Iterator[Display]:
    """The display that suits standard output."""
    if as_json:
        yield JsonLines(experiment_id)
    elif find_width() is None or console.is_dumb_terminal:
        yield Lines()
    else:
        bar = Bar()
        with Live(bar, console=console, redirect_stdout=False, redirect_stderr=False, transient=True):
            yield bar


@dataclass
class JsonLines:
    """A line of JSON for each change."""

    experiment_id: int

    def show(self, data: dict[str, Any]) -> None:
        fields = {name: data[name] for name in ("state", "progress", "best")}
        print_json({"event": "state", "id": self.experiment_id, **fields}, indent=None)


@dataclass
class Lines:
    """A line for each change of state, and every few seconds one for the progress."""

    _state: str = ""
    _done: int = -1
    _printed_at: float = 0.0

    def show(self, data: dict[str, Any]) -> None:
        state, done, now = data["state"], data["progress"]["epochs_done"], time.monotonic()
        is_due = now - self._printed_at >= _LINE_SECONDS and done != self._done
        if state != self._state or is_due:
            self._state, self._done, self._printed_at = state, done, now
            console.print("  ".join((state, *describe_progress(data))), markup=False)


@dataclass
class Bar:
    """State, bar, epochs, remaining time and best result, on one line of any width."""

    data: dict[str, Any] = field(
        default_factory=lambda: {
            "state": "queued",
            "progress": {"epochs_done": 0, "epochs": 0, "seconds_left": None},
            "best": None,
        }
    )

    def show(self, data: dict[str, Any]) -> None:
        self.data = data

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        cells: list[Text | ProgressBar] = [Text.from_markup(colour_state(self.data["state"]))]
        spare = options.max_width - len(self.data["state"])
        numbers, *rest = (quote(part) for part in describe_progress(self.data))
        for shown, least in ((numbers, _GAP + _BAR[0]), (quote(numbers.plain.removesuffix(" epochs")), 0)):
            if shown.cell_len + _GAP + least <= spare:
                cells.append(shown)
                spare -= shown.cell_len + _GAP
                break
        if spare >= _GAP + _BAR[0]:
            size = min(_BAR[1], spare - _GAP)
            progress = self.data["progress"]
            cells.insert(1, ProgressBar(progress["epochs"] or None, progress["epochs_done"], size))
            spare -= size + _GAP
        for part in rest:
            # The last part, the best result, may be cut; the time is shown whole or not at all.
            least = min(part.cell_len, _LEAST) if part is rest[-1] else part.cell_len
            if least + _GAP <= spare:
                part.truncate(spare - _GAP, overflow="ellipsis")
                cells.append(part)
                spare -= part.cell_len + _GAP
        line = Table.grid(padding=(0, _GAP, 0, 0))
        for _ in cells:
            line.add_column(no_wrap=True)
        line.add_row(*cells)
        yield line


def describe_progress(data: dict[str, Any]) -> list[str]:
    """Epochs, and the remaining time and the best result if known."""
    progress = data["progress"]
    is_timed = data["state"] not in TERMINAL and progress["seconds_left"] is not None
    return [
        f"{progress['epochs_done']}/{progress['epochs']} epochs",
        *([f"{format_seconds(progress['seconds_left'])} left"] if is_timed else []),
        *([data["best"]["sentence"]] if data["best"] else []),
    ]
