"""The status of a run, for many who ask at once: one connection per process, one query for all who asked meanwhile."""

import asyncio
import contextlib
import logging
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg

from flows.journal.connection import connect

STATUSES: Final = "SELECT id, status FROM flows_run WHERE id = ANY(%s)"
IDLE: Final = 30.0
log = logging.getLogger(__name__)


class Statuses:
    """Lives on one loop."""

    def __init__(self) -> None:
        self._asked: dict[UUID, asyncio.Future[str]] = {}
        self._answering: dict[UUID, asyncio.Future[str]] = {}
        self._task: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()

    async def of(self, run: UUID) -> str:
        """The run's status; empty where it isn't. Raises psycopg.OperationalError."""
        future = self._asked.get(run)
        if future is None:
            future = self._asked[run] = asyncio.get_running_loop().create_future()
            self._bell.set()
            self._begin()
        return await asyncio.shield(future)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Who asked while it was closing its connection is served by the next one; nobody waits for one that failed."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("what reads for this process ended by an error of the program", exc_info=error)
            _refuse(self._answering, error)
            left, self._asked = self._asked, {}
            _refuse(left, error)
        self._begin()

    def _begin(self) -> None:
        if (self._task is None or self._task.done()) and self._asked:
            self._task = asyncio.get_running_loop().create_task(self._serve(), name="statuses")
            self._task.add_done_callback(self._ended)

    async def _serve(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(await connect("statuses"))
            except psycopg.OperationalError as error:
                left, self._asked = self._asked, {}
                _refuse(left, error)
                return
            while await self._are_asked():
                asked, self._asked = self._asked, {}
                self._answering = asked
                try:
                    await _answer(connection, asked)
                except psycopg.OperationalError as error:
                    _refuse(asked, error)
                    return

    async def _are_asked(self) -> bool:
        try:
            async with asyncio.timeout(IDLE):
                await self._bell.wait()
        except TimeoutError:
            return bool(self._asked)
        self._bell.clear()
        return True


async def _answer(connection: psycopg.AsyncConnection[tuple[Any, ...]], asked: dict[UUID, asyncio.Future[str]]) -> None:
    rows = await (await connection.execute(STATUSES, [list(asked)])).fetchall()
    found: dict[UUID, str] = dict(rows)
    for run, future in asked.items():
        if not future.done():
            future.set_result(found.get(run, ""))


def _refuse(asked: dict[UUID, asyncio.Future[str]], error: BaseException) -> None:
    for future in asked.values():
        if not future.done():
            future.set_exception(error)


_all: WeakKeyDictionary[asyncio.AbstractEventLoop, Statuses] = WeakKeyDictionary()


async def status_of(run: UUID) -> str:
    """The run's status, read now; empty where it isn't. Raises psycopg.OperationalError."""
    loop = asyncio.get_running_loop()
    statuses = _all.get(loop)
    if statuses is None:
        statuses = _all[loop] = Statuses()
    return await statuses.of(run)
