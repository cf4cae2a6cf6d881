"""What the trials of the promises saw: a file for each in build/faults, and all of them as one table."""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.scale import FULL, SEED

FOLDER = Path(__file__).resolve().parents[2] / "build" / "faults"
TABLE = FOLDER.with_suffix(".md")


@dataclass
class Trial:
    """One promise on one stack: ``number`` times, all that is random out of ``random``; ``see`` what came of it."""

    promise: str
    stack: str
    number: int
    seed: int = SEED
    seen: dict[str, object] = field(default_factory=dict)
    outcome: str = "began"
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.seed} {self.promise} {self.stack}")
        self._start = time.monotonic()

    def see(self, **figures: object) -> None:
        """Figures by name; an underscore stands for a space. Seen again, a figure is overwritten."""
        named = {name.replace("_", " "): round(x, 3) if isinstance(x, float) else x for name, x in figures.items()}
        self.seen.update(named)

    def end(self, outcome: str) -> None:
        self.outcome, self.seconds = outcome, round(time.monotonic() - self._start, 1)
        if FULL:
            FOLDER.mkdir(parents=True, exist_ok=True)
            name = f"{self.promise} {self.stack}".replace(" ", "-")
            (FOLDER / f"{name}.json").write_text(json.dumps(asdict(self), indent=1))


def read_table() -> str:
    """Every trial at its full number whose file is there, the newest of each."""
    rows = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    lines = ["| promise | stack | number | seed | seen | outcome | seconds |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        seen = ", ".join(f"{name} {value}" for name, value in row["seen"].items())
        cells = (row["promise"], row["stack"], row["number"], row["seed"], seen, row["outcome"], row["seconds"])
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
