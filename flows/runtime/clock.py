"""The clock of an executor: what time it is, and being woken at a time.

Due times, timeouts and waits are read from it; leases alone go by the database's own clock. A virtual one
makes years pass in a test, on a real PostgreSQL.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

from flows.dsl.instants import Instant


class Alarm(Protocol):
    """A call that is to come, until it is cancelled."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Instants are microseconds since the Unix epoch."""

    def now(self) -> Instant: ...

    def call_at(self, instant: Instant, call: Callable[[], object]) -> Alarm: ...


class SystemClock:
    """The machine's clock, on the running loop."""

    def now(self) -> Instant:
        return time.time_ns() // 1_000

    def call_at(self, instant: Instant, call: Callable[[], object]) -> Alarm:
        delay = max(0.0, (instant - self.now()) / 1_000_000)
        return asyncio.get_running_loop().call_later(delay, call)


class _VirtualAlarm:
    __slots__ = ("call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        self.call = None


class VirtualClock:
    """Stands still until it is told to jump to the next alarm."""

    def __init__(self, start: Instant = 0) -> None:
        self._now = start
        self._order = itertools.count()
        self._alarms: list[tuple[Instant, int, _VirtualAlarm]] = []
        self.sleepers = 0

    def now(self) -> Instant:
        return self._now

    def call_at(self, instant: Instant, call: Callable[[], object]) -> Alarm:
        alarm = _VirtualAlarm(call)
        heapq.heappush(self._alarms, (instant, next(self._order), alarm))
        return alarm

    async def sleep(self, microseconds: int) -> None:
        """Return when the clock has jumped so far."""
        done = asyncio.get_running_loop().create_future()
        alarm = self.call_at(self._now + microseconds, lambda: None if done.done() else done.set_result(None))
        self.sleepers += 1
        try:
            await done
        finally:
            self.sleepers -= 1
            alarm.cancel()

    def next_alarm(self) -> Instant | None:
        while self._alarms and self._alarms[0][2].call is None:
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def jump(self, instant: Instant) -> None:
        """Move on to this instant, and ring what was due by then."""
        self._now = max(self._now, instant)
        while self._alarms and self._alarms[0][0] <= self._now:
            call = heapq.heappop(self._alarms)[2].call
            if call is not None:
                call()
