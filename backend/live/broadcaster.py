"""All open topics, and the subscriptions to them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from threading import Lock

import anyio
from sqlalchemy.exc import SQLAlchemyError

from backend.live.change_poller import ChangePoller
from backend.live.topic import GONE, Topic, TopicHistory
from core.db.queries.runs import Fingerprint
from core.errors import RidgelineError

log = logging.getLogger("ridgeline.broadcaster")

# How many topics without a subscription are kept for the next reader.
_KEPT_TOPICS = 32
_RETRY_SECONDS = 1.0


class Subscription:
    """The topics of one browser, and the version of each that it has. Lives in one event loop."""

    def __init__(self, versions: dict[Topic, str]) -> None:
        self._versions = versions
        self.woken = asyncio.Event()

    @property
    def topics(self) -> list[Topic]:
        return list(self._versions)

    async def collect(self) -> list[str]:
        """The updates since the last call, as JSON."""
        self.woken.clear()
        return [data for topic in self._versions for data in await self._collect(topic)]

    async def _collect(self, topic: Topic) -> list[str]:
        history, since = topic.history, self._versions[topic]
        updates = () if history is None else history.list_updates(since)
        if updates:
            self._versions[topic] = updates[-1].version
        if updates is not None:
            return [update.data for update in updates]
        self._versions[topic], body = await anyio.to_thread.run_sync(topic.read_body)
        return [body.plain.decode()]


class Broadcaster:
    """Finds topics, and refreshes each followed topic once for all of its subscriptions.

    Topics are looked up from any thread; subscriptions live in one event loop.
    """

    def __init__(self, poller: ChangePoller) -> None:
        self._poller = poller
        self._topics: OrderedDict[str, Topic] = OrderedDict()
        self._lock = Lock()
        self._followers: dict[Topic, set[Subscription]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        # The history that a topic's subscriptions were last woken for: requests refresh topics too.
        self._announced: dict[Topic, TopicHistory | None] = {}

    def find(self, address: str, make: Callable[[], Topic]) -> Topic:
        """The topic of this address; a new one where there is none."""
        with self._lock:
            topic = self._topics.get(address)
            if topic is None or (topic.history is not None and topic.history.version == GONE):
                topic = self._topics[address] = make()
            self._topics.move_to_end(address)
            self._forget()
            return topic

    def _forget(self) -> None:
        idle = [address for address, topic in self._topics.items() if topic not in self._followers]
        for address in idle[:-_KEPT_TOPICS]:
            del self._topics[address]

    @asynccontextmanager
    async def follow(self, wanted: Sequence[tuple[Topic, str]]) -> AsyncIterator[Subscription]:
        """A subscription to these topics from the given versions on; every change wakes it."""
        subscription = Subscription(dict(wanted))
        for topic in subscription.topics:
            self._followers.setdefault(topic, set()).add(subscription)
            self._begin(topic.experiment_id)
        try:
            yield subscription
        finally:
            for topic in subscription.topics:
                self._leave(topic, subscription)

    def _leave(self, topic: Topic, subscription: Subscription) -> None:
        if topic not in self._followers:
            return
        self._followers[topic].discard(subscription)
        if not self._followers[topic]:
            del self._followers[topic]
            self._announced.pop(topic, None)
        if not self._list_followed(topic.experiment_id) and (task := self._tasks.pop(topic.experiment_id, None)):
            task.cancel()

    def _list_followed(self, experiment_id: int) -> list[Topic]:
        return [topic for topic in self._followers if topic.experiment_id == experiment_id]

    def _begin(self, experiment_id: int) -> None:
        task = self._tasks.get(experiment_id)
        if task is None or task.done():
            self._tasks[experiment_id] = asyncio.create_task(self._run(experiment_id))

    async def _run(self, experiment_id: int) -> None:
        """Refresh the followed topics of one experiment whenever its jobs change, until the task is cancelled."""
        # A limiter of its own: requests that exhaust the shared one do not delay it.
        limiter = anyio.CapacityLimiter(1)
        async with self._poller.follow(experiment_id):
            fingerprint: Fingerprint | None = None
            while (fingerprint := await self._wait(experiment_id, fingerprint)) is not None:
                # Curves first: they change with every epoch, the other topics only now and then.
                for topic in sorted(self._list_followed(experiment_id), key=lambda topic: topic.seconds):
                    if topic.is_due(fingerprint):
                        await self._refresh(topic, limiter)
                    if topic.history is not self._announced.get(topic):
                        self._announced[topic] = topic.history
                        self._wake(topic)
        # The server stops.
        for topic in self._list_followed(experiment_id):
            self._wake(topic)

    async def _wait(self, experiment_id: int, known: Fingerprint | None) -> Fingerprint | None:
        """A new fingerprint; or the known one, once a topic that has not taken it over is due."""
        waiting = [topic.due_at for topic in self._list_followed(experiment_id) if topic.fingerprint != known]
        if known is None or not waiting:
            return await self._poller.wait(experiment_id, known)
        with anyio.move_on_after(max(0.02, min(waiting) - time.monotonic())):
            return await self._poller.wait(experiment_id, known)
        return known

    async def _refresh(self, topic: Topic, limiter: anyio.CapacityLimiter) -> None:
        try:
            await anyio.to_thread.run_sync(topic.refresh, limiter=limiter)
        except (SQLAlchemyError, RidgelineError) as error:
            log.warning("%s could not be read and is tried again: %s", topic.address, error)
            topic.due_at = time.monotonic() + _RETRY_SECONDS
        except Exception:
            # The other topics go on: without this task their pages would get nothing but heartbeats.
            log.exception("%s could not be refreshed and is tried again", topic.address)
            topic.due_at = time.monotonic() + _RETRY_SECONDS

    def _wake(self, topic: Topic) -> None:
        for subscription in self._followers.get(topic, ()):
            subscription.woken.set()
