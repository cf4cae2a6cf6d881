"""Output of the command line: sentences, JSON, the table of experiments, one experiment."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from backend.cli.table import Column, print_table
from core.analysis.digits import format_scores
from core.analysis.formatting import format_strength, label_regularizer, name_strength
from core.db.states import TERMINAL
from core.spec import BASELINE
from core.text.control_characters import escape_controls

# Users' texts are printed by `quote`, never within markup, so that [tags] and :codes: are printed literally.
console = Console(highlight=False, soft_wrap=True, emoji=False)
# On standard error: standard output may be read by a program.
notes = Console(highlight=False, soft_wrap=True, emoji=False, stderr=True)
_COLOURS = {
    "completed": "green", "running": "cyan", "failed": "red", "diverged": "red", "cancelled": "yellow", "queued": "dim",
}  # fmt: skip
_WORDS = {"better": "green", "worse": "red", "holds": "green", "reverse": "red"}
_TONES = {"bad": "red", "warn": "yellow", "info": "dim"}
# Id and state are always shown; the name is cut down to 24 cells before other columns are dropped.
_LIST = (
    Column("ID", right=True),
    Column("State"),
    Column("Epochs", right=True, rank=2),
    Column("Name", rank=1, least=8, wanted=24),
    Column("Data", rank=4),
    Column("Network", rank=6),
    Column("Best so far", rank=3, least=16),
    Column("Created", rank=5),
)


def quote(text: str, style: str = "") -> Text:
    """A user's text on one line, with control characters escaped."""
    return Text(escape_controls(text), style)


def print_json(data: Any, *, error: bool = False, indent: int | None = 2) -> None:
    """``indent`` None: on one line. Characters that the stream's encoding lacks are escaped."""
    stream = sys.stderr if error else sys.stdout
    is_narrow = "utf" not in (stream.encoding or "").lower()
    stream.write(json.dumps(data, ensure_ascii=is_narrow, indent=indent) + "\n")
    stream.flush()


def announce(text: str, event: dict[str, Any] | None = None) -> None:
    """Print ``text``, or ``event`` as a line of JSON; a closed standard output is no error."""
    try:
        console.print(text) if event is None else print_json(event, indent=None)
    except OSError:
        mute()


def mute() -> None:
    """Redirect standard output to nothing: flushing it at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def name_experiment(view: dict[str, Any]) -> str:
    return f"Experiment {view['id']}: {view['name'] or '(no name)'}, {view['state']}, {view['runs']} runs"


def format_seconds(seconds: float | None) -> str:
    """``2 min 5 s``; a dash for None."""
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
    """Print a page of experiments, a row each."""
    if not page["items"]:
        console.print("No experiment matches." if page["offset"] or page["total"] else "There are no experiments yet.")
        return
    print_table(console, _LIST, [_make_row(item) for item in page["items"]])
    if page["total"] > len(page["items"]):
        notes.print(f"{len(page['items'])} of {page['total']} shown.", style="dim")


def _make_row(item: dict[str, Any]) -> list[Text]:
    progress, best = item["progress"], item["best"]
    return [
        Text(str(item["id"])),
        Text(item["state"], _COLOURS.get(item["state"], "white")),
        Text(f"{progress['epochs_done']}/{progress['epochs']}"),
        quote(item["name"] or "(no name)"),
        quote(item["dataset"]),
        quote(item["network"]),
        quote(best["sentence"]) if best else Text("–"),
        Text(f"{datetime.fromisoformat(item['created']).astimezone():%Y-%m-%d %H:%M}"),
    ]


def print_experiment(view: dict[str, Any]) -> None:
    """Print one experiment: state, progress, results, cells."""
    progress = view["progress"]
    console.print(quote(view["name"] or "(no name)", "bold"), f" #{view['id']}  {colour_state(view['state'])}")
    console.print(
        f"{view['dataset']}, {view['network']}, {view['runs']} runs in {len(view['jobs'])} jobs; "
        f"{progress['epochs_done']} of {progress['epochs']} epochs, {format_seconds(progress['seconds'])} so far, "
        f"{format_seconds(progress['seconds_left'])} left",
        markup=False,
    )
    for finding in view["findings"]:
        console.print(quote(f"{finding['title']}.", _TONES[finding["tone"]]), quote(finding["sentence"]))
    if view["best"]:
        console.print(
            "Highest on validation:" if view["state"] in TERMINAL else "Highest so far:",
            quote(view["best"]["sentence"]),
        )
    for stops in view["stops"]:
        console.print(quote(stops["sentence"]))
    for error in view["errors"]:
        console.print("[red]Failed:[/]", Text("\n").join(quote(line) for line in error.splitlines()))
    _print_cells(view)


def print_answer(answer: dict[str, Any]) -> None:
    """Print the answer: its head, a sentence per regularizer, what the curves show, and what is missing or excluded."""
    console.print(quote(answer["sentence"], "bold"))
    console.print(quote(answer["basis"], "dim"))
    for verdict in answer["verdicts"]:
        console.print(quote(verdict["sentence"], _WORDS.get(verdict["word"], "")))
    for observation in answer["observations"]:
        console.print(quote(observation["sentence"]))
    for cell in answer["excluded"]:
        name = label_regularizer(cell["regularizer"])
        if cell["regularizer"] != BASELINE:
            name += f" at {name_strength(cell['regularizer'], cell['strength'])}"
        counts = f"{cell['diverged']} diverged, {cell['failed']} failed"
        console.print(quote(f"Not chosen from: {name}, {counts}."))
    if answer["missing"]:
        console.print(quote(f"{answer['missing']}.", "dim"))


def print_comparison(found: dict[str, Any]) -> None:
    """Print a comparison: its head, a sentence per verdict, what is missing, and the fields that differ."""
    console.print(quote(found["sentence"], "bold"))
    for verdict in found["verdicts"]:
        console.print(quote(verdict["sentence"], _WORDS.get(verdict["word"], "")))
    for missing in found["missing"]:
        console.print(quote(f"{missing}.", "dim"))
    if not found["differing"]:
        console.print("Their specs are the same.")
        return
    columns = [Column("Field"), *(Column(f"#{each['id']}", least=8, wanted=20) for each in found["experiments"])]
    rows = [
        [quote(field["label"]), *(quote("–" if value is None else value) for value in field["values"])]
        for field in found["differing"]
    ]
    print_table(console, columns, rows)


def print_claims(claims: dict[str, Any]) -> None:
    """Print the claims: per regularizer a line per claim with its verdict, and what is missing."""
    if not claims["verdicts"]:
        console.print("Only the baseline was trained; there is no strength to go with.")
    label = None
    for verdict in claims["verdicts"]:
        if verdict["label"] != label:
            label = verdict["label"]
            console.print(quote(label, "bold"))
        console.print(quote(f"{verdict['title']}: {verdict['number']}."))
        console.print(Text("  "), quote(verdict["sentence"], _WORDS.get(verdict["word"], "")), sep="")
    for text in (claims["note"], claims["missing"]):
        if text:
            console.print(quote(f"{text.rstrip('.')}.", "dim"))


def _print_cells(view: dict[str, Any]) -> None:
    rows = [
        [
            quote(label_regularizer(regularizer)),
            Text(format_strength(cell["strength"], regularizer) if regularizer != BASELINE else ""),
            Text(_describe_score(view, cell)),
            Text(str(cell["seeds"])),
            Text(f"at epoch {cell['stopped_epoch']}" if cell["stopped"] else ""),
            Text(str(cell["diverged"] or "")),
            Text(str(cell["failed"] or "")),
        ]
        for regularizer, cells in view["sparklines"].items()
        for cell in cells
    ]
    has_folds = view["spec"]["dataset"]["split"]["name"] == "folds"
    titles = (
        "Regularizer",
        "Strength",
        "Validation",
        "Runs" if has_folds else "Seeds",
        "Stopped",
        "Diverged",
        "Failed",
    )
    # Empty columns are dropped first.
    ranks = (0, 0, 0, 1, 2, 0, 0)
    empty = [not any(row[index].plain for row in rows) for index in range(len(titles))]
    columns = [
        Column(title, right=index > 0, rank=3 if empty[index] else ranks[index]) for index, title in enumerate(titles)
    ]
    print_table(console, columns, rows)
    if any(cell["score_deviation"] is not None for cells in view["sparklines"].values() for cell in cells):
        console.print(f"±: standard deviation over the {'folds' if has_folds else 'seeds'}", style="dim")


def _describe_score(view: dict[str, Any], cell: dict[str, Any]) -> str:
    """The score, with enough digits to differ from the baseline's."""
    if cell["score_mean"] is None:
        return "–"
    base = [other["score_mean"] for other in view["sparklines"].get(BASELINE, []) if other["score_mean"] is not None]
    text, *_ = format_scores([cell["score_mean"], *base], view["task"], [cell["score_deviation"]])
    return text
