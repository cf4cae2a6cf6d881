"""All topics that somebody looks at, and who is told of their changes."""

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
from core.db.queries.runs import Marks
from core.errors import RidgelineError

log = logging.getLogger("ridgeline.live")

# Topics that nobody follows any more are kept for the next who asks, so many of them.
_KEPT_TOPICS = 32
_RETRY_SECONDS = 1.0


class Subscription:
    """What one browser follows, and how far it has been told. Lives in one event loop."""

    def __init__(self, versions: dict[Topic, str]) -> None:
        self._versions = versions
        self.woken = asyncio.Event()

    @property
    def topics(self) -> list[Topic]:
        return list(self._versions)

    async def collect(self) -> list[str]:
        """What is new, as JSON; afterwards it has been told."""
        self.woken.clear()
        return [data for topic in self._versions for data in await self._collect(topic)]

    async def _collect(self, topic: Topic) -> list[str]:
        standing, since = topic.standing, self._versions[topic]
        updates = () if standing is None else standing.list_updates(since)
        if updates:
            self._versions[topic] = updates[-1].version
        if updates is not None:
            return [update.data for update in updates]
        self._versions[topic], body = await anyio.to_thread.run_sync(topic.read_body)
        return [body.plain.decode()]


class Broadcaster:
    """Finds topics, and refreshes those that are followed: each once, however many follow it.

    Topics are looked up from any thread; subscriptions live in one event loop.
    """

    def __init__(self, poller: ChangePoller) -> None:
        self._poller = poller
        self._topics: OrderedDict[str, Topic] = OrderedDict()
        self._lock = Lock()
        self._followers: dict[Topic, set[Subscription]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        # What the followers of a topic were woken for: requests refresh topics too.
        self._told: dict[Topic, TopicHistory | None] = {}

    def find(self, address: str, make: Callable[[], Topic]) -> Topic:
        """The topic of this address, made where there is none."""
        with self._lock:
            topic = self._topics.get(address)
            if topic is None or (topic.standing is not None and topic.standing.version == GONE):
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
        """While inside, the subscription is woken by every change of these topics; each is at the version given."""
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
            self._told.pop(topic, None)
        if not self._list_followed(topic.experiment_id) and (task := self._tasks.pop(topic.experiment_id, None)):
            task.cancel()

    def _list_followed(self, experiment_id: int) -> list[Topic]:
        return [topic for topic in self._followers if topic.experiment_id == experiment_id]

    def _begin(self, experiment_id: int) -> None:
        task = self._tasks.get(experiment_id)
        if task is None or task.done():
            self._tasks[experiment_id] = asyncio.create_task(self._run(experiment_id))

    async def _run(self, experiment_id: int) -> None:
        """Refresh the followed topics of one experiment as its jobs go on, until this task is cancelled."""
        # Of its own, so that requests that fill the common one do not delay it.
        limiter = anyio.CapacityLimiter(1)
        async with self._poller.follow(experiment_id):
            marks: Marks | None = None
            while (marks := await self._wait(experiment_id, marks)) is not None:
                # Curves first: what comes with every epoch does not wait for what comes now and then.
                for topic in sorted(self._list_followed(experiment_id), key=lambda topic: topic.seconds):
                    if topic.is_due(marks):
                        await self._refresh(topic, limiter)
                    if topic.standing is not self._told.get(topic):
                        self._told[topic] = topic.standing
                        self._wake(topic)
        # The server stops.
        for topic in self._list_followed(experiment_id):
            self._wake(topic)

    async def _wait(self, experiment_id: int, known: Marks | None) -> Marks | None:
        """New marks; or the known ones, once a topic that has not taken them over is due."""
        waiting = [topic.due_at for topic in self._list_followed(experiment_id) if topic.marks != known]
        if known is None or not waiting:
            return await self._poller.wait(experiment_id, known)
        with anyio.move_on_after(max(0.02, min(waiting) - time.monotonic())):
            return await self._poller.wait(experiment_id, known)
        return known

    async def _refresh(self, topic: Topic, limiter: anyio.CapacityLimiter) -> None:
        try:
            await anyio.to_thread.run_sync(topic.refresh, limiter=limiter)
        except (SQLAlchemyError, RidgelineError) as error:
            log.warning("%s cannot be read; pages wait for it: %s", topic.address, error)
            topic.due_at = time.monotonic() + _RETRY_SECONDS
        except Exception:
            # The other topics go on, and heartbeats must not come from a task that is dead.
            log.exception("%s cannot be refreshed", topic.address)
            topic.due_at = time.monotonic() + _RETRY_SECONDS

    def _wake(self, topic: Topic) -> None:
        for subscription in self._followers.get(topic, ()):
            subscription.woken.set()
