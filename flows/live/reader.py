"""What sockets and those who wait read of the journal: over one connection per process, without a thread.

The statements of all who ask meanwhile go together, prepared, in one round trip. It decides how they travel and refuses to
know what they ask; whoever may ask for much at a time asks in a thread of its own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq.abc import PGresult

from flows.journal.connection import connect

IDLE: Final = 30.0
Asked = tuple[str, Sequence[Any]]
Connection = psycopg.AsyncConnection[tuple[Any, ...]]


log = logging.getLogger(__name__)


class Found(NamedTuple):
    """What a statement answered."""

    names: list[str]
    rows: list[tuple[Any, ...]]


Answer = asyncio.Future[list[Found]]


class Reader:
    """Lives on one loop; its connection is opened when somebody asks and closed after a while of silence."""

    def __init__(self) -> None:
        self._asked: list[tuple[tuple[Asked, ...], Answer]] = []
        self._answering: list[tuple[tuple[Asked, ...], Answer]] = []
        self._task: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()

    async def ask(self, *asked: Asked) -> list[Found]:
        """What each statement answers. Raises psycopg.Error."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._asked.append((asked, answer))
        self._bell.set()
        self._begin()
        return await answer

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Who asked while it was closing its connection is served by the next one; nobody waits for one that failed."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("what reads for this process ended by an error of the program", exc_info=error)
            _refuse(self._answering, error)
            left, self._asked = self._asked, []
            _refuse(left, error)
        self._begin()

    def _begin(self) -> None:
        if (self._task is None or self._task.done()) and self._asked:
            self._task = asyncio.get_running_loop().create_task(self._serve(), name="reader")
            self._task.add_done_callback(self._ended)

    async def _serve(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(await connect("reader"))
                await connection.execute("SET TIME ZONE 'UTC'")
            except psycopg.Error as error:
                left, self._asked = self._asked, []
                _refuse(left, error)
                return
            while await self._are_asked():
                asked, self._asked = self._asked, []
                self._answering = asked
                try:
                    await _answer(connection, asked)
                except psycopg.Error as error:
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


async def _answer(connection: Connection, asked: Sequence[tuple[tuple[Asked, ...], Answer]]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if len(asked) > 1 or len(asked[0][0]) > 1:
            await stack.enter_async_context(connection.pipeline())
        cursors = [
            [await connection.execute(statement, values, prepare=True) for statement, values in statements]
            for statements, _ in asked
        ]
    for (_, answer), answers in zip(asked, cursors, strict=True):
        found = [Found(_names(cursor.pgresult), await cursor.fetchall()) for cursor in answers]
        if not answer.done():
            answer.set_result(found)


def _names(result: PGresult | None) -> list[str]:
    # The cursor's own description makes an object for each column.
    return [] if result is None else [(result.fname(place) or b"").decode() for place in range(result.nfields)]


def _refuse(asked: Sequence[tuple[tuple[Asked, ...], Answer]], error: BaseException) -> None:
    for _, answer in asked:
        if not answer.done():
            answer.set_exception(error)


_all: WeakKeyDictionary[asyncio.AbstractEventLoop, Reader] = WeakKeyDictionary()


def reader() -> Reader:
    """The reader of the running loop."""
    loop = asyncio.get_running_loop()
    found = _all.get(loop)
    if found is None:
        found = _all[loop] = Reader()
    return found
