"""Many viewers of one training sweep: `python -m benchmarks.viewers`.

The benchmark commits the epochs of a running job itself, as the recorder does, and reads the live stream as so many
pages do that look at the same curves. Of every change: the time from the first viewer's event to the last one's.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import threading
import time
from urllib.parse import quote, urlsplit

import numpy as np

from benchmarks.epoch_to_screen import commit_epochs, insert_running
from benchmarks.finished import make_spec
from benchmarks.stack import run_stack

# What a reader looks at of an update: the version that it leads to.
VERSION = re.compile(rb'event: update\ndata: \{"topic":"[^"]*","since":"[^"]*","version":"([^"]*)"')


async def view(host: str, port: int, topics: list[str], heard: dict[bytes, list[float]], ends: asyncio.Event) -> None:
    """One viewer's stream: when each version came."""
    query = f"topics={quote(' '.join(topics), safe='')}"
    reader, writer = await asyncio.open_connection(host, port, limit=2**24)
    writer.write(f"GET /api/live?{query} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    rest = b""
    while not ends.is_set():
        try:
            rest += await asyncio.wait_for(reader.read(2**20), 0.5)
        except TimeoutError:
            continue
        moment = time.perf_counter()
        last = rest.rfind(b"\n\n")
        for version in VERSION.findall(rest[: last + 1]):
            heard.setdefault(version, []).append(moment)
        rest = rest[last + 2 :] if last >= 0 else rest
    writer.close()


async def watch(url: str, topics: list[str], viewers: int, commit: threading.Thread) -> dict[bytes, list[float]]:
    parts = urlsplit(url)
    heard: dict[bytes, list[float]] = {}
    ends = asyncio.Event()
    host, port = parts.hostname or "", parts.port or 80
    tasks = [asyncio.create_task(view(host, port, topics, heard, ends)) for _ in range(viewers)]
    await asyncio.sleep(2)
    commit.start()
    await asyncio.to_thread(commit.join)
    await asyncio.sleep(2)
    ends.set()
    await asyncio.gather(*tasks)
    return heard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two epochs")
    arguments = parser.parse_args()
    spec = make_spec(18, 3, arguments.epochs)
    with run_stack(trainers="1", max_streams_per_client="1000", max_streams="1000") as (url, home):
        for viewers in arguments.viewers:
            experiment, job, runs = insert_running(home, spec)
            commit = threading.Thread(target=commit_epochs, args=(home, job, runs, spec, arguments.pause))
            topics = [f"{experiment}/curves", f"{experiment}/state"]
            heard = asyncio.run(watch(url, topics, viewers, commit))
            spreads = [1000 * (max(times) - min(times)) for times in heard.values() if len(times) == viewers]
            middle, high = np.percentile(spreads, [50, 95])
            print(
                f"{viewers} viewers of {len(runs)} runs, {len(spreads)} of {len(heard)} changes heard by all: "
                f"first to last median {middle:.0f} ms, 95th percentile {high:.0f} ms, most {max(spreads):.0f} ms"
            )


if __name__ == "__main__":
    main()
