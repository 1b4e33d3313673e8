"""Connections of simulated processes: psycopg's manners on one end, the simulated server on the other, a network between.

It decides how a statement travels (at once, slowly, never, answered or not) by the world's dice, and speaks to the executor in
psycopg's own errors. What a statement does is the server's business.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Self

import psycopg

from flows.journal.flush import AT_ONCE
from flows.runtime import claims, plans
from flows.runtime.simulation.server import IDLE, SECOND, Locked, Session
from flows.runtime.simulation.serving import performed

if TYPE_CHECKING:
    from flows.runtime.simulation.process import Process

HOLDS: Final = SECOND * 8
"""How long a server may keep the session of a client that is gone, where the session has it look."""
LOADS: Final = (claims.EVENTS, plans.VERSION)
"""What is read of a run that was taken, before anything is written under its new fence: it may be much."""
HOURS: Final = SECOND * 7_200
"""How long it may keep one of which nobody has told it to look."""


class Note:
    """A doorbell."""

    __slots__ = ("payload",)

    def __init__(self, payload: str) -> None:
        self.payload = payload


class Answered:
    """A cursor that has its rows."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows
        self.rowcount = len(rows)

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None


class Cursor:
    """A cursor to be asked."""

    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    async def execute(self, query: str, values: Any = None, *, prepare: bool | None = None) -> None:
        self._rows = await self._wire.ask(query, values)

    async def fetchall(self) -> list[Any]:
        return self._rows

    @asynccontextmanager
    async def copy(self, statement: str) -> Any:
        text: list[bytes] = []

        class Copy:
            async def write(self, data: bytes) -> None:
                text.append(data)

        yield Copy()
        await self._wire.ask(statement, b"".join(text).decode())


class Bells:
    """What a listening connection hears."""

    def __init__(self, wire: "Wire") -> None:
        self._wire = wire

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Note:
        wire = self._wire
        while not wire.heard:
            if wire.closed:
                raise psycopg.OperationalError("the connection is closed")
            wire.hearing = asyncio.get_running_loop().create_future()
            await wire.hearing
        return wire.heard.popleft()


class Wire:
    """An `AsyncConnection`, as far as the product uses it."""

    def __init__(self, process: "Process", session: Session) -> None:
        self.process = process
        self.session = session
        self.closed = False
        self.heard: deque[Note] = deque()
        self.hearing: asyncio.Future[None] | None = None
        self._pending: dict[asyncio.Future[Any], None] = {}
        self._one_by_one = asyncio.Lock()

    async def execute(self, query: Any, values: Any = None, *, prepare: bool | None = None) -> Answered:
        text = query.decode() if isinstance(query, bytes) else str(query)
        return Answered(await self.ask(text, values))

    def cursor(self, *, row_factory: Any = None) -> Cursor:
        return Cursor(self)

    @asynccontextmanager
    async def transaction(self) -> Any:
        await self.ask("BEGIN", None)
        try:
            yield
        except BaseException:
            if not self.closed:
                await self.ask("ROLLBACK", None)
            raise
        await self.ask("COMMIT", None)

    def notifies(self) -> Bells:
        return Bells(self)

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.process.world.server.end(self.session)
            self._hang_up()

    async def ask(self, query: str, values: Any) -> list[Any]:
        """Send a statement and wait for its answer, one at a time. Raises what psycopg would."""
        async with self._one_by_one:
            return await self._asked(query, values)

    async def _asked(self, query: str, values: Any) -> list[Any]:
        if self.closed or not self.process.lives:
            raise psycopg.OperationalError("the connection is closed")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[future] = None
        self._send(query, values, future)
        try:
            found: list[Any] = await future
            return found
        finally:
            self._pending.pop(future, None)

    # --- travelling -----------------------------------------------------------------------------------------------

    def _send(self, query: str, values: Any, future: "asyncio.Future[Any]") -> None:
        world = self.process.world
        dice = world.net
        if self.process.halts_for and query in (AT_ONCE, "BEGIN") and self.session.name.endswith(" journal"):
            self.process.halt()
            self.process.do(lambda: self._send(query, values, future))
            return
        fate = dice.random() if world.is_troubled else 1.0
        if fate < 0.004:
            self.cut(holds=dice.randint(0, HOLDS))
            return

        def arrive() -> None:
            if not self.session.lives:
                self._answer(future, psycopg.OperationalError("the server closed the connection"))
                return
            answer = self._served(query, values, arrive)
            if answer is None:
                return
            is_commit = query == AT_ONCE or query.endswith("COMMIT")
            if fate > 0.97 and fate < 1.0 and is_commit:
                world.tell(self.process, "the answer to a COMMIT is lost")
                self.cut(holds=0)
                return
            self._travel(lambda: self._answer(future, answer, query, values), fate=1.0 if not is_commit else 0.5)

        if world.slow_reads is not None and query in LOADS:
            world.at(world.now + world.slow_reads.randint(0, 4 * SECOND), lambda: self._travel(arrive, fate=fate))
        else:
            self._travel(arrive, fate=fate)

    def _travel(self, arrive: Callable[[], None], *, fate: float) -> None:
        """At once, in a moment, or long after; never while the process is cut off."""
        world, process = self.process.world, self.process
        if fate < 0.012 and world.is_troubled:
            delay = world.net.randint(1, 15) * SECOND
            world.at(world.now + IDLE + 1, world.sweep)
        else:
            draw = world.net.random()
            delay = 0 if draw < 0.6 else 300 if draw < 0.8 else 4_000
        if process.cut_off_until > world.now:
            delay += process.cut_off_until - world.now
        if delay:
            world.at(world.now + delay, arrive)
        else:
            arrive()

    def _served(self, query: str, values: Any, again: Callable[[], None]) -> list[Any] | psycopg.Error | None:
        """What the server answers; None while it waits for a row."""
        server, session = self.process.world.server, self.session
        if server.is_idle(session):
            server.end(session)
            return psycopg.errors.IdleInTransactionSessionTimeout("terminating connection")
        session.touched = server.clock()
        if query.startswith("LISTEN "):
            session.listens = self._rung
            return []
        try:
            return performed(self.process.world, session, query, values)
        except Locked:
            server.waiting.append(again)
            return None
        except psycopg.Error as error:
            return server.refuse(session, error)

    def _answer(self, future: "asyncio.Future[Any]", answer: Any, query: str = "", values: Any = None) -> None:
        def tell() -> None:
            if not future.done():
                if isinstance(answer, psycopg.Error):
                    self.closed |= not self.session.lives
                    future.set_exception(answer)
                else:
                    self.process.hearsay.hear(query, values, answer)
                    future.set_result(answer)

        self.process.do(tell)

    def _rung(self, payload: str) -> None:
        world = self.process.world
        fate = world.net.random() if world.is_troubled else 0.5
        for _ in range(0 if fate < 0.1 else 2 if fate > 0.9 else 1):
            world.at(world.now + world.net.randint(0, 3_000), lambda: self.process.do(lambda: self._hear(payload)))

    def _hear(self, payload: str) -> None:
        if not self.closed:
            self.heard.append(Note(payload))
            self._wake()

    def _wake(self) -> None:
        if self.hearing is not None and not self.hearing.done():
            self.hearing.set_result(None)

    # --- breaking -------------------------------------------------------------------------------------------------

    def cut(self, *, holds: int) -> None:
        """The line breaks. The client sees it; the server may hold on to its session for a while."""
        world = self.process.world
        self.process.do(self._hang_up)
        if holds:
            world.at(world.now + (holds if self.session.is_watchful else HOURS), lambda: world.server.end(self.session))
        else:
            world.server.end(self.session)

    def _hang_up(self) -> None:
        self.closed = True
        for future in list(self._pending):
            if not future.done():
                future.set_exception(psycopg.OperationalError("the connection is lost"))
        self._wake()
