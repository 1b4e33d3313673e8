"""The hub, one per web process: it hears what changed in the database and wakes those who watch.

A wake is a hint and carries no data; who is woken reads from its own cursor. So a doorbell that is lost, or a
connection that breaks, costs a moment and never an event. It refuses to know what anyone shows.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg

from flows.journal.connection import connect, pause
from flows.observe.lasting import lasting

CHANNELS: Final = ("mulgil_runs", "mulgil_flows", "mulgil_access")
EVERY_RUN: Final = "runs"
MAX_HINTS: Final = 1_000
REMEMBERED: Final = 2_000
"""Runs that rang lately and are remembered for whoever comes a moment late."""
NEVER: Final = (math.inf, math.inf)
LINGER: Final = 60.0
"""Seconds it goes on listening after the last one left: to connect anew costs more than most waits take."""

log = logging.getLogger(__name__)


class Watch:
    """One who watches: `hints` are the ids that changed since the last look; `all` means anything may have."""

    __slots__ = ("_bell", "_hints", "_missed")

    def __init__(self) -> None:
        self._bell = asyncio.Event()
        self._hints: set[str] = set()
        self._missed = False

    def ring(self, hint: str | None) -> None:
        """Something happened; None: nobody knows to what."""
        if hint is None or len(self._hints) >= MAX_HINTS:
            self._missed = True
        else:
            self._hints.add(hint)
        self._bell.set()

    async def wait(self, seconds: float) -> None:
        """Until something happens, or the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    def take(self) -> tuple[set[str], bool]:
        """The hints gathered, and whether more was missed than they tell."""
        hints, missed = self._hints, self._missed
        self._hints, self._missed = set(), False
        self._bell.clear()
        return hints, missed


class Hub:
    """Lives on one loop; it listens as long as anyone watches, and `linger` seconds longer."""

    def __init__(self, linger: float = LINGER) -> None:
        self._linger = linger
        self._leaving: asyncio.TimerHandle | None = None
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self._rang: tuple[set[str], set[str]] = set(), set()
        self._remembers_since = NEVER

    def was_silent(self, run: str, since: float) -> bool:
        """Whether it has heard everything since that moment of the monotonic clock, and nothing of this run."""
        return self._remembers_since[0] <= since and not any(run in rang for rang in self._rang)

    @contextlib.asynccontextmanager
    async def watching(self, *topics: str) -> AsyncIterator[Watch]:
        """Be woken by these: `run:<id>`, `flow:<id>`, `user:<id>`, and `runs` for every run.

        What changed before this is entered must be read after it; nothing that changes later is missed.
        """
        watch = Watch()
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        for topic in topics:
            self._watches[topic].add(watch)
        try:
            await self._listen()
            # Who enters reads everything after this line; what rang until here says nothing more.
            watch.take()
            yield watch
        finally:
            for topic in topics:
                self._watches[topic].discard(watch)
                if not self._watches[topic]:
                    del self._watches[topic]
            if not self._watches:
                self._leaving = asyncio.get_running_loop().call_later(self._linger, self._leave)

    def hear(self, channel: str, payload: str) -> None:
        """One notification of the database."""
        if payload == "*":
            self._remember_from_here()
            self._ring_all()
        elif channel == "mulgil_runs":
            runs = payload.split(",")
            self._remember(runs)
            for run in runs:
                self._ring((f"run:{run}", EVERY_RUN), run)
        elif channel == "mulgil_flows":
            self._ring((f"flow:{payload}",), payload)
        else:
            self._ring((f"user:{payload}",), payload)

    def _remember(self, runs: Iterable[str]) -> None:
        _, newer = self._rang
        newer.update(runs)
        if len(newer) >= REMEMBERED:
            self._rang = newer, set()
            self._remembers_since = self._remembers_since[1], time.monotonic()

    def _remember_from_here(self) -> None:
        now = time.monotonic()
        self._rang, self._remembers_since = (set(), set()), (now, now)

    def _forget(self) -> None:
        self._heard.clear()
        self._remembers_since = NEVER

    def _leave(self) -> None:
        self._leaving = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._forget()

    async def _listen(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(lasting("the hub", self._run), name="hub")
        # The first look must come after LISTEN stands; without a database it goes on and looks by itself.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._heard.wait()

    async def _run(self) -> None:
        tries, mine = 0, self._task
        while True:
            try:
                async with contextlib.aclosing(_notifications()) as notifications:
                    async for notify in notifications:
                        tries = 0
                        if notify is None:
                            self._remember_from_here()
                            self._heard.set()
                            self._ring_all()
                        else:
                            self.hear(notify.channel, notify.payload)
            except psycopg.OperationalError as error:
                log.warning("the hub's connection is gone: %s", error)
            finally:
                if self._task is mine:  # else another listens by now, and has heard
                    self._forget()
                    self._ring_all()
            await asyncio.sleep(pause(tries))
            tries += 1

    def _ring(self, topics: Iterable[str], hint: str | None) -> None:
        for topic in topics:
            for watch in self._watches.get(topic, ()):
                watch.ring(hint)

    def _ring_all(self) -> None:
        self._ring(list(self._watches), None)


async def _notifications() -> AsyncGenerator[psycopg.Notify | None]:
    """None once LISTEN stands, then every notification."""
    connection: psycopg.AsyncConnection[tuple[Any, ...]] = await connect("hub")
    async with connection:
        for channel in CHANNELS:
            await connection.execute(f"LISTEN {channel}")
        yield None
        async for notify in connection.notifies():
            yield notify


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub()
    return found
