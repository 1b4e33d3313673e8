"""What every worker host does on the side: schedules tick, messages of the outbox go out.

It decides when a message is tried again and when it is given up. In order per destination and key, at least once, later
and later after a failure; a slow destination holds up no other. Several hosts do this at once: what one has taken is
left alone by the others until its connection ends (`parcels`), slots of schedules by a unique key. It has a thread and
a loop of its own in the broker's process, so that a slow server never holds up a run.
"""

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, close_old_connections

from flows.errors import MulgilError
from flows.journal.connection import WATCHFUL, connect, pause
from flows.journal.values import clean
from flows.observe import lasting
from flows.observe.metrics import MESSAGES_SENT
from flows.runtime.clock import SystemClock
from flows.runtime.equipment import opener
from flows.runtime.foreign import ForeignCode
from flows.runtime.http_sink import HttpSink
from flows.runtime.parcels import Connection, Parcel, Target, mark_dead, mark_later, mark_sent, take
from flows.runtime.rates import Rates
from flows.runtime.sinks import HTTP, Later, Outgoing, Refused, sink_named
from flows.runtime.verbs import Verbs, installed
from flows.security.credentials import Credential

EVERY: Final = 0.5
"""Seconds between two looks at the outbox; schedules are looked at when the next one is due."""
LONGEST_REST: Final = 10.0
"""Seconds after which it looks again, however long the last look took."""
AT_ONCE: Final = 8
"""How many messages are on their way to one destination at a time."""
TICK_AT_LEAST: Final = 5_000_000
"""Microseconds after which schedules are looked at anyway: a release may have brought a new one."""
LONGEST_PAUSE: Final = 3_600.0
OWN_ATTEMPTS: Final = 30
OWN_AGE: Final = 86_400.0
"""How often, and for how many seconds, the product's own messages are tried."""

REFUSALS: Final = (MulgilError, DatabaseError, InterfaceError, ImproperlyConfigured, OSError, ValueError, LookupError)
"""What a tick may fail with and be asked again; anything else is an error of the program, told as one."""

log = logging.getLogger(__name__)

T = TypeVar("T")
Bringing = Callable[[Parcel, Connection], Awaitable[None]]
"""Brings a message to its target, or raises what kept it from arriving."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What kept a message from arriving; `final`: it never will; `retry_after`: seconds to leave the receiver alone."""

    reason: str
    final: bool = False
    retry_after: float = 0.0


class Relay:
    """Works from `start` on until its process ends, or `stop`."""

    def __init__(
        self,
        connecting: Callable[[str], Awaitable[Connection]] = connect,
        *,
        bringing: Bringing | None = None,
        every: float = EVERY,
    ) -> None:
        """`bringing`: in place of what brings messages into the world; `every`: seconds between two looks."""
        self._connecting = connecting
        self._bring = bringing or self._brought
        self.every = every
        self._tick_at = 0
        self._clock = SystemClock()
        self._http = HttpSink()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), name="relay", daemon=True)

    @property
    def has_died(self) -> bool:
        """Whether its thread ended without being told to."""
        return not self._thread.is_alive() and not self._ending.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way."""
        self.leave()
        self._thread.join()

    def leave(self) -> None:
        """Take nothing more."""
        self._ending.set()

    async def once(self) -> None:
        """Do what is due now, once, and wait for it. Raises psycopg.Error."""
        await self._tick()
        async with await self._connecting("relay") as connection:
            shift = _Shift(self, connection)
            await shift.begin()
            await shift.look()
            while shift.under_way:
                await shift.wait(None)
        await self._http.close()

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(lasting.lasting("the relay's look at schedules", self._tick_on))
            both.create_task(lasting.lasting("the relay of the outbox", self.deliver_on))
        await self._http.close()

    async def _tick_on(self) -> None:
        while not self._ending.is_set():
            await self._tick()
            await asyncio.sleep(EVERY)

    async def _tick(self) -> None:
        verbs, now = installed(), self._clock.now()
        if verbs is not None and now >= self._tick_at:
            due = await _in_thread(_ticked, verbs, now)
            self._tick_at = min(now + TICK_AT_LEAST, due if due is not None else now + TICK_AT_LEAST)

    async def deliver_on(self) -> None:
        """For ever, over as many connections as it takes: the server may end one at any moment."""
        tries = 0
        while not self._ending.is_set():
            try:
                async with contextlib.AsyncExitStack() as stack:
                    connection = await self._connecting("relay")
                    stack.push_async_callback(connection.close)
                    shift = _Shift(self, connection)
                    stack.push_async_callback(shift.end)
                    await shift.begin()
                    while not self._ending.is_set():
                        await shift.wait(await shift.look())
                        tries = 0
                    while shift.under_way:
                        await shift.wait(None)
            except psycopg.Error as error:
                log.warning("the relay cannot reach the database: %s", error)
                await asyncio.sleep(pause(tries))
                tries += 1

    async def _deliver(self, parcel: Parcel, connection: Connection) -> Failure | None:
        """Bring it there: None, or what kept it from arriving. Raises psycopg.Error of our own connection."""
        with ForeignCode() as code:
            await self._bring(parcel, connection)
            return None
        if isinstance(code.error, psycopg.Error) and connection.closed:
            raise code.error  # ours is gone; a sink's own database is its own affair
        return _failure_of(code.error)

    async def _brought(self, parcel: Parcel, connection: Connection) -> None:
        if parcel.target is None:
            await _in_thread(_own, parcel)
        else:
            await self._sink(parcel, parcel.target, connection)

    async def _sink(self, parcel: Parcel, target: Target, connection: Connection) -> None:
        assert parcel.workspace is not None

        async def read(query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
            return await (await connection.execute(query.encode(), values)).fetchall()

        async def opened(name: str) -> Credential | None:
            return await opener(read)(parcel.workspace, name) if name else None  # type: ignore[arg-type]  # asserted above

        credential, now = await opened(target.credential), self._clock.now()
        if credential is not None and credential.is_paced:
            turn = await Rates(read).put_off(parcel.workspace, credential.name, now)
            await asyncio.sleep((turn.due - now) / 1_000_000 if turn is not None else 0)
        message = _outgoing(parcel)
        if target.kind == HTTP:
            signing = await opened(target.signing)
            await self._http.deliver(message, target.config, credential, signing, self._clock.now() // 1_000_000)
        else:
            await _in_thread(_by_sink, target.kind, message, target.config, credential)


class Tended:
    """The relay of one process: `look` begins it, and begins it again when its thread has died, later the sooner it did."""

    def __init__(self) -> None:
        self._relay: Relay | None = None
        self._began = 0.0
        self._failures = 0
        self._due: float | None = None

    def look(self) -> None:
        now = time.monotonic()
        if self._relay is not None and not self._relay.has_died:
            return
        if self._relay is not None and self._due is None:
            self._failures = self._failures + 1 if now - self._began < lasting.WELL else 1
            self._due = now + lasting.pause(self._failures)
            log.error("the relay's thread has died; it is begun again in %.1f s", self._due - now)
        if self._due is None or now >= self._due:
            self._relay, self._began, self._due = Relay(), now, None
            self._relay.start()

    def stop(self) -> None:
        """End after what is under way."""
        if self._relay is not None:
            self._relay.stop()


class _Shift:
    """A relay's work over one connection, whose lock says that what it has taken is under way."""

    def __init__(self, relay: Relay, connection: Connection) -> None:
        self.under_way: set[asyncio.Task[None]] = set()
        self._relay = relay
        self._connection = connection
        self._busy: Counter[str] = Counter()
        self._me = random.getrandbits(62)  # an identity, not a secret

    async def begin(self) -> None:
        await self._connection.execute(WATCHFUL, prepare=False)
        await self._connection.execute("SELECT pg_advisory_lock(%s)", (self._me,))

    async def end(self) -> None:
        """Cut what is on its way: others may have taken it by now."""
        for task in self.under_way:
            task.cancel()
        await asyncio.gather(*self.under_way, return_exceptions=True)

    async def look(self) -> float:
        """Take what may go; seconds until the next look, more where a look costs the database much."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        busy = {name: count for name, count in self._busy.items() if count}
        taken = await take(self._connection, self._me, AT_ONCE, busy)
        for parcel in taken:
            self.under_way.add(asyncio.create_task(self._carry(parcel)))
        return max(self._relay.every, min(LONGEST_REST, 5 * (loop.time() - began)))

    async def wait(self, seconds: float | None) -> None:
        """Until something has arrived or failed, or it is time to look. Raises what a task raised."""
        if not self.under_way:
            await asyncio.sleep(seconds or 0)
            return
        done, self.under_way = await asyncio.wait(self.under_way, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _carry(self, parcel: Parcel) -> None:
        way = str(parcel.target.id) if parcel.target is not None else ""
        self._busy[way] += 1
        try:
            failure = await self._relay._deliver(parcel, self._connection)
            await self._note(parcel, failure)
        finally:
            self._busy[way] -= 1

    async def _note(self, parcel: Parcel, failure: Failure | None) -> None:
        if failure is None:
            await mark_sent(self._connection, self._me, parcel)
            MESSAGES_SENT.labels("sent").inc()
            return
        reason = clean(failure.reason)[:2_000]
        is_dead = failure.final or _is_spent(parcel)
        log.warning("the message %s (%s) could not be delivered: %s", parcel.message, parcel.topic, reason)
        if is_dead:
            await mark_dead(self._connection, self._me, parcel, reason)
        else:
            later = max(_backoff(parcel.tries), failure.retry_after)
            await mark_later(self._connection, self._me, parcel, reason, later)
        MESSAGES_SENT.labels("dead" if is_dead else "failed").inc()


def _is_spent(parcel: Parcel) -> bool:
    """Whether the failure of this try was one too many, or came too late for another."""
    attempts = parcel.target.max_attempts if parcel.target is not None else OWN_ATTEMPTS
    age = parcel.target.max_age if parcel.target is not None else OWN_AGE
    return parcel.tries + 1 >= attempts or parcel.age >= age


def _backoff(tries: int) -> float:
    """Seconds before the next try: doubling from one, jittered, an hour at most."""
    return random.uniform(0.8, 1.0) * min(LONGEST_PAUSE, 2.0 ** min(tries, 12))  # noqa: S311  # not for secrets


def _failure_of(error: Exception | None) -> Failure:
    reason = str(error) or type(error).__name__
    if isinstance(error, Refused):
        return Failure(str(error.fields["reason"]), final=True)
    return Failure(reason, retry_after=(error.retry_after or 0.0) if isinstance(error, Later) else 0.0)


def _outgoing(parcel: Parcel) -> Outgoing:
    return Outgoing(
        id=parcel.message,
        topic=parcel.topic,
        key=parcel.key,
        payload=orjson.loads(parcel.payload),
        body=parcel.payload.encode(),
        headers=orjson.loads(parcel.headers),
        run=parcel.run,
        step=parcel.step,
        published_at=parcel.created_at,
        attempt=parcel.tries + 1,
    )


def _own(parcel: Parcel) -> None:
    verbs = installed()
    if verbs is None:
        raise Later("nobody delivers the product's own messages here")
    try:
        verbs.deliver(parcel.topic, parcel.key, orjson.loads(parcel.payload))
    finally:
        close_old_connections()


def _by_sink(kind: str, message: Outgoing, config: Mapping[str, Any], credential: Credential | None) -> None:
    try:
        sink_named(kind).deliver(message, config, credential)
    finally:
        close_old_connections()


async def _in_thread(function: Callable[..., T], *values: Any) -> T:
    """Run it in a thread that never keeps its process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if not done.done():
            done.set_exception(error) if error is not None else done.set_result(result)  # type: ignore[arg-type]  # one of both is there

    def work() -> None:
        result: T | None = None
        error: Exception | None = Later("it ended the thread that it was given")
        try:
            with ForeignCode() as code:
                result = function(*values)
            error = code.error
        finally:
            with contextlib.suppress(RuntimeError):  # nobody waits any more, and the loop is closed
                loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="relay errand", daemon=True).start()
    return await done


def _ticked(verbs: Verbs, now: int) -> int | None:
    try:
        return verbs.tick(now)
    except REFUSALS:
        log.exception("the schedules could not be looked at")
        return None
    finally:
        close_old_connections()
