"""The engine against what its users would write instead: `python -m benchmarks.training`.

Each pair is measured side by side, A B A B, on processes that are warm; the first pair is thrown away; ratios are
medians. The sides train the same runs from the same starts over the same batches and evaluate both sets after each
epoch; where their final losses or scores disagree, this fails. ``--only`` takes names of groups of rows.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.peers.pairs import ALONE, WHOLE, Pair, measure
from benchmarks.peers.team import CORES, Side, Team, gather
from benchmarks.peers.workload import Work, count_operations, make_work

SWEEP = json.loads((Path(__file__).parent / "sweep.json").read_text())
TUTORIAL, TIGHT, LIGHTNING = (Side(name, 1, CORES) for name in ("tutorial", "tight", "lightning_loop"))
PROCESSES = Side("tight", CORES, 1)
# On a busy machine a peer's several threads wait for one another, which says nothing of it.
ONE_THREAD = "--one-thread" in sys.argv
Row = tuple[str, str, str, str]


def make_sweep(width: int, epochs: int, runs: int | None = None) -> Work:
    """The sweep's runs at another hidden width."""
    return make_work(SWEEP | {"network": {"name": "mlp", "widths": [width, width]}}, epochs, runs)


def compare_sweep(team: Team, width: int, epochs: int, repeats: int) -> Iterator[Row]:
    work = make_sweep(width, epochs)
    name = "sweep" if width == 256 else f"the same at width {width}"
    targets = {"a": 4, "b": 1.4, "c": 1.3} if width == 256 else {"a": 10, "b": 3}
    peers: dict[str, tuple[Side, str]] = {"a": (TUTORIAL, "the tutorial's loop"), "b": (TIGHT, "a tight loop")}
    if width == 256:
        peers["c"] = (PROCESSES, f"{CORES} processes of tight loops")
        peers["d"] = (LIGHTNING, "Lightning")
    for key, (peer, title) in peers.items():
        if peer is LIGHTNING and importlib.util.find_spec("lightning") is None:
            yield f"{name} against (d) {title}", "reported", "not installed: `make bench` installs it", ""
            continue
        target = f"≥ {targets[key]}×" if key in targets else "reported"
        if not ONE_THREAD or peer is PROCESSES:
            yield _tell(f"{name} against ({key}) {title}", target, measure(team, peer, WHOLE, work, repeats))
        if peer is not PROCESSES:
            pair = measure(team, Side(peer.name), ALONE, work, repeats)
            yield _tell(f"{name}, one thread against one thread, ({key})", "reported", pair)


def compare_peak(team: Team, width: int, epochs: int, repeats: int) -> Iterator[Row]:
    work, target = make_sweep(width, epochs), {256: 65, 64: 45}[width]
    shares, used, peaks = [], [], []
    for _ in range(repeats + 1):
        peak = team.time(Side("peak"), [work]).outcomes[0].train_loss
        timing = team.time(ALONE, [work])
        shares.append(count_operations(work) / timing.seconds / peak)
        used.append(count_operations(work) / timing.cpu_seconds / peak)
        peaks.append(peak / 1e9)
    seen = f"{100 * statistics.median(shares[1:]):.0f} % ({100 * statistics.median(used[1:]):.0f} %)"
    yield f"share of the peak, width {width}", f"≥ {target} %", seen, f"peak {statistics.median(peaks[1:]):.0f} GFLOP/s"


def compare_images(team: Team, epochs: int, repeats: int) -> Iterator[Row]:
    strengths = {"l2": [1e-4, 1e-3, 1e-2], "dropout": [0.1, 0.2, 0.3, 0.4]}
    changes = {"network": {"name": "cnn"}, "seeds": 2, "regularizers": [
        {"name": name, "strengths": values} for name, values in strengths.items()
    ]}  # fmt: skip
    work = make_work(SWEEP | changes, epochs)
    if not ONE_THREAD:
        pair = measure(team, TIGHT, WHOLE, work, repeats)
        yield _tell(f"small CNN, {len(work.runs)} runs, against (b)", "≥ 1×", pair)
    pair = measure(team, Side("tight"), ALONE, work, repeats)
    yield _tell("small CNN, one thread against one thread, (b)", "reported", pair)


def compare_one(team: Team, epochs: int, repeats: int) -> Iterator[Row]:
    for width in (256, 64):
        one = make_sweep(width, 4 * epochs, runs=1)
        pair = measure(team, Side("tight"), ALONE, one, repeats)
        seen = f"{1 / pair.ratio:.2f}× its time ({1 / pair.cpu_ratio:.2f}×)"
        yield f"one run alone against (b), width {width}", "≤ 1.05×", seen, _explain(pair)


def compare_hundred(team: Team, epochs: int, repeats: int) -> Iterator[Row]:
    document = SWEEP | {"network": {"name": "mlp", "widths": [64]}, "seeds": 100, "regularizers": []}
    many, one = make_work(document, epochs), make_work(document, epochs, runs=1)
    ratios = [team.time(ALONE, [many]).cpu_seconds / team.time(ALONE, [one]).cpu_seconds for _ in range(repeats + 1)]
    yield "time of 100 small runs over 1", "reported", f"{statistics.median(ratios[1:]):.1f}×", "MLP 64-64-10, one core"


def _tell(name: str, target: str, pair: Pair) -> Row:
    return name, target, f"{pair.ratio:.2f}× ({pair.cpu_ratio:.2f}×)", _explain(pair)


def _explain(pair: Pair) -> str:
    scores = " and ".join(f"{100 * score:.1f} %" for score in pair.agreement)
    return f"{pair.peer_seconds:.2f} s : {pair.engine_seconds:.2f} s; accuracy {scores}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--only", nargs="*", default=[], metavar="GROUP")
    parser.add_argument("--one-thread", action="store_true", help="leave out peers with several threads")
    chosen = parser.parse_args()
    groups: dict[str, Callable[..., Iterator[Row]]] = {
        "256": lambda team, *rest: compare_sweep(team, 256, *rest),
        "64": lambda team, *rest: compare_sweep(team, 64, *rest),
        "peak256": lambda team, *rest: compare_peak(team, 256, *rest),
        "peak64": lambda team, *rest: compare_peak(team, 64, *rest),
        "cnn": compare_images,
        "one": compare_one,
        "hundred": compare_hundred,
    }
    print(
        f"{chosen.epochs} epochs, medians of {chosen.repeats} after a warm-up, {CORES} cores; by CPU time in brackets"
    )
    print(f"Load before: {os.getloadavg()[0]:.1f}\n\n| figure | to reach | measured | |\n|---|---|---|---|")
    with gather(CORES) as team:
        for name, group in groups.items():
            if not chosen.only or name in chosen.only:
                rows: Any = group(team, chosen.epochs, chosen.repeats)
                for row in rows:
                    print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
