"""What an executor holds open: its lease, its connections, the journal's writer, the tools of nodes.

It is opened in the process that uses it, after the last fork, and opened anew with another identity when the
lease was lost. It decides nothing about runs.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from flows.dsl.catalogue import Catalogue
from flows.errors import MulgilError
from flows.journal.connection import LOST, connect
from flows.journal.flush import set_aside
from flows.journal.rows import ChildRow
from flows.journal.snapshots import EVENTS
from flows.journal.writer import Writer
from flows.nodes.installed import catalogue as installed_catalogue
from flows.observe.lasting import watched
from flows.runtime.alone import Alone, AloneReply, AloneRequest
from flows.runtime.breakers import Breakers
from flows.runtime.claims import SESSION, Claims
from flows.runtime.clock import Clock, SystemClock
from flows.runtime.equipment import Tools, Unsealing, equipped, fetcher, opener, own_database, patient
from flows.runtime.family import call
from flows.runtime.kit import CANCEL_GRACE, Kit
from flows.runtime.leases import Lease
from flows.runtime.lines import Lines
from flows.runtime.locks import Locks
from flows.runtime.payloads import Payloads
from flows.runtime.plans import Plans
from flows.runtime.rates import Rates
from flows.runtime.sealing import unseal
from flows.runtime.verbs import CallOrder

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Perform = Callable[[AloneRequest, Callable[[], Awaitable[None]]], Awaitable[AloneReply | None]]
Connecting = Callable[[str], Awaitable[Connection]]
Equipping = Callable[[], AbstractAsyncContextManager[Tools]]
Calling = Callable[[CallOrder], Awaitable[ChildRow]]

READY: Final = "mulgil_ready"
LOOK: Final = 0.4
"""Seconds after which everything is looked at, however often the bell rings for ready runs."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rung:
    """Why the executor looks: `all` where everything is to be looked at, not the ready runs alone."""

    all: bool


class Station:
    """Open between `open` and `close` (or `abandon`)."""

    def __init__(
        self,
        queues: Sequence[str] = ("default",),
        *,
        clock: Clock | None = None,
        catalogue: Catalogue | None = None,
        connecting: Connecting = connect,
        alone: Perform | None = None,
        equipping: Equipping = equipped,
        calling: Calling = call,
        unsealing: Unsealing = unseal,
        snapshots_after: int = EVENTS,
        cancel_grace: int = CANCEL_GRACE,
    ) -> None:
        self._queues = list(queues)
        self._clock = clock or SystemClock()
        self._catalogue = catalogue
        self._connecting = connecting
        self._alone = alone or Alone().perform
        self._equipping = equipping
        self._calling = calling
        self._unsealing = unsealing
        self._snapshots_after = snapshots_after
        self._cancel_grace = cancel_grace
        self._stack: AsyncExitStack | None = None
        self._listening: asyncio.Task[None] | None = None
        self._reading = asyncio.Lock()
        self._reader: Connection | None = None
        self._look_at_all = True
        self._looked_at_all = 0.0
        self._lease: Lease
        self._writer: Writer
        self.bell = asyncio.Event()
        self.is_lost = self.is_reborn = False
        """Whether its lease is lost, and whether it lost one before the one it has."""
        self.is_waiting = False
        self.next_due: int | None = None
        self.claiming: Connection
        self.claims: Claims
        self.lines: Lines
        self.locks: Locks
        self.kit: Kit
        self.plans: Plans

    @property
    def id(self) -> UUID:
        return self._lease.id

    @property
    def is_open(self) -> bool:
        return self._stack is not None

    async def open(self) -> None:
        """Be ready to take runs. Raises psycopg.OperationalError."""
        self._look_at_all = True
        if self._stack is not None:
            if await self._lease.renew() and not self.claiming.closed:
                return
            await self.abandon()
        self.is_lost = False
        async with AsyncExitStack() as stack:
            self._lease = Lease(self._queues, self.lose, self._connecting)
            await self._lease.begin()
            stack.push_async_callback(self._lease.end)
            self.claiming = await self._connecting("claims")
            stack.push_async_callback(self.claiming.close)
            await self.claiming.execute(SESSION, prepare=False)
            self.claims = Claims(self.claiming, self._lease.id, self._queues)
            self.lines = Lines(self.claiming)
            self.locks = Locks(self.claiming)
            self._writer = Writer(self._connecting, self.lose, self._lease.stands)
            self._writer.start()
            stack.push_async_callback(self._close_reader)
            tools = await stack.enter_async_context(self._equipping())
            read = patient(self._read_connection)
            self.plans = Plans(read, self._catalogue or installed_catalogue())
            self.kit = Kit(
                clock=self._clock,
                journal=self._writer,
                payloads=Payloads(fetcher(read)),
                sandbox=tools.sandbox,
                http=tools.http,
                egress=tools.egress,
                own_database=await own_database(self.claiming),
                credential=opener(read, self._unsealing),
                breakers=Breakers(read),
                rates=Rates(read),
                alone=self._alone,
                call=self._calling,
                plan_of=self.plans.standing,
                set_aside=self._set_aside,
                snapshots_after=self._snapshots_after,
                cancel_grace=self._cancel_grace,
            )
            await self._listen(stack)
            self._stack = stack.pop_all()

    async def close(self) -> None:
        """Write what is queued and leave in order."""
        await self._writer.stop()
        await self._leave()

    async def abandon(self) -> None:
        """Leave without writing."""
        if self._stack is not None:
            self.is_reborn = True
            await self._writer.abandon()
            await self._leave()

    def rung(self) -> Rung:
        """What has happened since the last look."""
        self.bell.clear()
        now = asyncio.get_running_loop().time()
        # A bell that never rests must not keep the executor from what announces itself by no bell.
        is_due = self.next_due is not None and self.next_due <= self._clock.now()
        rung = Rung(all=self._look_at_all or is_due or now - self._looked_at_all >= LOOK)
        self._look_at_all = False
        if rung.all:
            self._looked_at_all = now
        return rung

    async def wait(self, seconds: float) -> None:
        """Until the bell rings, or it is time to look at everything."""
        if self.next_due is not None:
            seconds = min(seconds, max(0.0, (self.next_due - self._clock.now()) / 1_000_000))
        self.is_waiting = True
        try:
            async with asyncio.timeout(seconds):
                await self.bell.wait()
        except TimeoutError:
            self._look_at_all = True
        finally:
            self.is_waiting = False

    def look_at_all(self) -> None:
        """Look at everything now."""
        self._look_at_all = True
        self.bell.set()

    def expect(self, due: int | None) -> None:
        """A run was parked until then."""
        if due is not None and (self.next_due is None or due < self.next_due):
            self.next_due = due
            self.bell.set()

    async def _listen(self, stack: AsyncExitStack) -> None:
        connection = await self._connecting("executor bell")
        stack.push_async_callback(connection.close)
        await connection.execute(f"LISTEN {READY}")
        listening = asyncio.get_running_loop().create_task(self._hear(connection), name="bell")
        self._listening = watched("the executor's bell", listening, self.lose)

    async def _hear(self, connection: Connection) -> None:
        try:
            async for notify in connection.notifies():
                if not notify.payload or notify.payload in self._queues:
                    # A start names its queue; what names none may be mail, or a run given back.
                    self._look_at_all |= not notify.payload
                    self.bell.set()
        except LOST as error:
            log.warning("the executor's bell is gone: %s", error)
            self.lose()

    async def _leave(self) -> None:
        stack, self._stack = self._stack, None
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        if stack is not None:
            with contextlib.suppress(*LOST):
                await stack.aclose()

    def lose(self) -> None:
        """Its right to its runs is gone, or what it can't do without."""
        self.is_lost = True
        self.bell.set()

    async def _read_connection(self) -> Connection:
        async with self._reading:
            if self._reader is None or self._reader.closed:
                self._reader = await self._connecting("reader")
            return self._reader

    async def _close_reader(self) -> None:
        if self._reader is not None:
            await self._reader.close()
            self._reader = None

    async def _set_aside(self, run: UUID, fence: int, error: Exception) -> None:
        code = error.code if isinstance(error, MulgilError) else "driver_failed"
        await set_aside(await self._read_connection(), run, fence, code, str(error))
