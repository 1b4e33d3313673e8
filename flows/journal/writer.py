"""The only writer of events: group commit for all runs in flight in this process.

It decides when to write (as soon as someone waits, else within the flush timer), one flush at a time, and
what a failure means: a refused run is dropped alone, a value the database refuses is found by bisection and
its run set aside, a lost connection is mended and what stands is read before anything is written again.
It knows nothing of steps.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, TypeAlias
from uuid import UUID

import psycopg

from flows.journal.connection import LOST, connect, pause
from flows.journal.errors import JournalStopped, RunLost, Unwritable
from flows.journal.flush import SESSION, STANDING, Connection, Ours, flush, set_aside
from flows.journal.log import RunLog, Source, refuse
from flows.journal.rows import Batch
from flows.journal.values import MESSAGE_CHARACTERS, clean
from flows.observe.lasting import watched
from flows.observe.metrics import FLUSH_ROWS, FLUSH_SECONDS

FLUSH_AFTER: Final = 0.02
"""Seconds between two flushes that nobody asked for: an event after a quiet while is written at once, so that
people see it, those of a busy while are gathered."""

RETRIED: Final = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, psycopg.errors.LockNotAvailable)
REFUSED: Final = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)

log = logging.getLogger(__name__)

Taken: TypeAlias = "list[tuple[RunLog, Batch, list[asyncio.Future[None]]]]"


class Writer:
    """`writer.open(run, …)` gives the log of a run; `start` and `stop` frame its work on one loop."""

    def __init__(
        self,
        connecting: Callable[[str], Awaitable[Connection]] = connect,
        lost: Callable[[], None] = lambda: None,
        is_entitled: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """`lost` is called when it ends by an error that nobody foresaw: what is put is not written any more.
        `is_entitled`: whether the executor's right to its runs outlived the connection that was lost."""
        self._connecting = connecting
        self._lost = lost
        self._is_entitled = is_entitled
        self._is_over = False
        self._connection: Connection | None = None
        self._dirty: list[RunLog] = []
        self._wanted = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._flushed_at = -FLUSH_AFTER

    def start(self) -> None:
        task = asyncio.get_running_loop().create_task(self._write_on(), name="journal writer")
        self._task = watched("the writer of the journal", task, self._lost)

    async def stop(self) -> None:
        """Write what is queued, then end. Raises what ended the writer before."""
        self._stopping = True
        self._wanted.set()
        if self._task is not None:
            await self._task
        if self._connection is not None:
            await self._connection.close()

    async def abandon(self) -> None:
        """End without writing: the runs aren't ours any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._connection is not None:
            await self._connection.close()
        for run in self._dirty:
            run.fail(JournalStopped(reason="the executor has dropped its runs"))

    def open(self, source: Source, run: UUID, fence: int, seq: int) -> RunLog:
        """The log of a run whose last committed event is `seq`."""
        return RunLog(self, source, run, fence, seq)

    def dirty(self, log: RunLog) -> None:
        self._dirty.append(log)
        if self._timer is None and not self._wanted.is_set():
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._flushed_at + FLUSH_AFTER), self._wanted.set)

    def hurry(self) -> None:
        self._wanted.set()

    async def _write_on(self) -> None:
        while not (self._stopping and not self._dirty):
            await self._wanted.wait()
            self._wanted.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            taken: Taken = [(run, *run.take()) for run in self._dirty if run.failure is None]
            self._dirty.clear()
            if taken:
                FLUSH_ROWS.observe(sum(len(batch.rows) for _, batch, _ in taken))
                with FLUSH_SECONDS.time():
                    await self._write(taken)
                self._flushed_at = asyncio.get_running_loop().time()

    async def _write(self, taken: Taken) -> None:
        """Write, whatever it takes: each run ends up written, refused or set aside."""
        was_cut = False
        for tries in range(1_000_000):
            connection = await self._connected()
            if self._is_over:
                self._answer(taken, set())
                return
            try:
                ours = await flush(connection, [batch for _, batch, _ in taken])
            except REFUSED as error:
                await self._bisect(connection, taken, error)
            except RETRIED:
                await asyncio.sleep(pause(tries))
                continue
            except LOST as error:
                log.warning("the journal could not be written: %s", error)
                if not connection.closed:
                    # The server lives and has no room, say: asking at once won't help, and neither may this session.
                    await asyncio.sleep(pause(tries))
                    await connection.close()
                was_cut = True
                taken = await self._what_stands(taken)
                if taken:
                    continue
            else:
                taken = await self._answered(taken, ours, was_cut=was_cut)
                if taken:
                    continue
            return

    async def _answered(self, taken: Taken, ours: Ours, *, was_cut: bool) -> Taken:
        """Answer for what was written or refused; give back what is to be written once more.

        What was sent before a connection was cut may be committed a moment after it was looked what stands: what is refused
        then may be so because it is written.
        """
        refused = [one for one in taken if (one[1].run, one[1].fence) not in ours] if was_cut else []
        self._answer([one for one in taken if one not in refused], ours)
        return await self._what_stands(refused) if refused else []

    def _answer(self, taken: Taken, ours: Ours) -> None:
        for run, batch, waiters in taken:
            if (batch.run, batch.fence) in ours:
                run.settled(batch)
                for waiter in waiters:
                    if not waiter.done():
                        waiter.set_result(None)
            else:
                _fail(run, waiters, RunLost(run=str(batch.run)))

    async def _bisect(self, connection: Connection, taken: Taken, error: psycopg.Error) -> None:
        if len(taken) > 1:
            middle = len(taken) // 2
            await self._write(taken[:middle])
            await self._write(taken[middle:])
            return
        run, batch, waiters = taken[0]
        log.error("the journal of run %s was refused: %s", batch.run, error)
        await set_aside(connection, batch.run, batch.fence, "journal_refused", clean(str(error))[:MESSAGE_CHARACTERS])
        _fail(run, waiters, Unwritable(reason=str(error)))

    async def _what_stands(self, taken: Taken) -> Taken:
        """After a commit whose answer was lost: answer for what is written or lost, give back what isn't."""
        standing = await self._heads([batch.run for _, batch, _ in taken])
        again: Taken = []
        for run, batch, waiters in taken:
            fence, seq = standing.get(batch.run, (None, None))
            if fence == batch.fence and seq == batch.was:
                again.append((run, batch, waiters))
            else:
                self._answer(
                    [(run, batch, waiters)],
                    {(batch.run, batch.fence)} if (fence, seq) == (batch.fence, batch.seq) else set(),
                )
        return again

    async def _heads(self, runs: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
        tries = 0
        while True:
            connection = await self._connected()
            try:
                rows: list[Any] = await (await connection.execute(STANDING, (list(runs),))).fetchall()
            except LOST:
                if not connection.closed:  # refused for now, and no sooner answered for being asked again at once
                    await asyncio.sleep(pause(tries))
                tries += 1
                continue
            return {run: (fence, seq) for run, fence, seq in rows}

    async def _connected(self) -> Connection:
        tries = 0
        was_lost = self._connection is not None and self._connection.closed
        while self._connection is None or self._connection.closed:
            try:
                async with AsyncExitStack() as stack:
                    connection = await self._connecting("journal")
                    stack.push_async_callback(connection.close)
                    await connection.execute(SESSION, prepare=False)
                    stack.pop_all()
                self._connection = connection
            except LOST:
                await asyncio.sleep(pause(tries))
                tries += 1
        # A server that crashed may have forgotten a claim, and given its fence to another: then the lease went with it.
        if was_lost and self._is_entitled is not None and not await self._is_entitled():
            self._is_over = True
        return self._connection


def _fail(run: RunLog, waiters: "list[asyncio.Future[None]]", failure: RunLost | Unwritable) -> None:
    run.fail(failure)
    for waiter in waiters:
        refuse(waiter, failure)
