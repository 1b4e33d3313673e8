"""The executor: an asyncio loop that takes runs and drives them, many at once, until its turn is over.

It decides when to look for runs, how many to drive and when to stop. Which runs are to be had is decided by
the statements of `claims`, what a run does by its driver.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import psycopg

from flows.engine.machine import Machine
from flows.errors import MulgilError
from flows.journal.connection import REFUSED_FOR_NOW, pause
from flows.journal.snapshots import refold
from flows.observe.lasting import watched
from flows.observe.metrics import RUNS_CLAIMED, RUNS_ENDED, TURNS
from flows.observe.trace import tracing
from flows.runtime.board import Board
from flows.runtime.claims import Claimed
from flows.runtime.driver import RunDriver
from flows.runtime.leases import forget, outlived, vanished
from flows.runtime.station import Station

APPETITE: Final = 4
"""So many times a batch are taken at once where every look before found more than it could take: a claim and the flush
of what it brought cost as much as dozens of runs, however many runs they are for."""
HELP: Final = 8
"""So many new runs at one look are more than one process should have to itself."""
GIVING_WAY: Final = 0.005
"""Seconds an executor with nothing in hand leaves to one of its host that is hungry too and stands before it."""
WELL: Final = 5.0
"""Seconds after which a turn that was lost is no failure of the executor to get under way."""
TOGETHER: Final = 0.002
"""Seconds within which one bell is heard by all of a host."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How an executor spends its turn. Seconds, and counts of runs."""

    look: float = 0.5
    linger: float = 2.0
    slice: float = 30.0
    beat: float = 0.2
    grace: float = 8.0
    runs: int = 256
    batch: int = 48


class Executor:
    """One per worker process. `turn` may be called again and again."""

    def __init__(self, station: Station, board: Board, pace: Pace | None = None) -> None:
        self._station = station
        self._board = board
        self.pace = pace or Pace()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._drivers: dict[UUID, RunDriver] = {}
        self._stopping = False
        self._hungry = True
        self._is_served = False
        self._left_some = self._left_ready = False
        self._appetite = 1
        self._uncounted: Counter[str] = Counter()
        self._asides: set[asyncio.Future[None]] = set()
        self._failures = 0

    def stop(self) -> None:
        """End the turn: runs get their grace, then are given back."""
        self._stopping = True
        self._station.bell.set()

    @property
    def drivers(self) -> Sequence[RunDriver]:
        return list(self._drivers.values())

    @property
    def is_waiting(self) -> bool:
        """Whether it has taken what there was and waits for the bell."""
        return self._station.is_waiting and not self._station.bell.is_set()

    @property
    def next_due(self) -> int | None:
        """When the next parked run is due, as of the last look."""
        return self._station.next_due

    def look(self) -> None:
        """Look at everything now."""
        self._station.look_at_all()

    async def turn(self) -> None:
        """Drive what there is, linger for more, and return when there is nothing, or when told to stop.

        An error of the program ends it, and with it the right to its runs: nobody would drive them until the next.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_exit(self._failed)
            await self._turn()

    async def _failed(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            log.error("the executor's turn ended by an error of the program", exc_info=error)
            await self._drop()
            await self._pause(0.0)

    async def _turn(self) -> None:
        TURNS.inc()
        loop = asyncio.get_running_loop()
        began = quiet_since = loop.time()
        beating = watched("the executor's beat", loop.create_task(self._beat(), name="beat"), self._station.lose)
        try:
            await self._station.open()
            while not self._stopping and not self._station.is_lost:
                taken = await self._looked()
                now = loop.time()
                if taken or self._tasks:
                    quiet_since = now
                if now - quiet_since > self.pace.linger or (now - began > self.pace.slice and not self._tasks):
                    break
                if not taken:
                    await self._rest(loop)
            if self._station.is_lost:
                await self._drop()
                await self._pause(loop.time() - began)
                return
            if self._stopping:
                await self._wind_down()
            self._failures = 0
        except psycopg.Error as error:
            log.warning("the executor lost its database: %s", error)
            await self._drop()
            await self._pause(loop.time() - began)
        finally:
            beating.cancel()
            self._count()
            self._board.show(in_turn=False, hungry=False)

    async def _pause(self, lasted: float) -> None:
        """Before the next turn, which may be begun at once; longer after turns that came to nothing, one after another."""
        self._failures = self._failures + 1 if lasted < WELL else 0
        await asyncio.sleep(min(1.0, pause(self._failures)))

    async def _looked(self) -> int:
        """A look that was refused for now has found nothing, and what is ours goes on. Raises psycopg.Error."""
        try:
            return await self._look()
        except REFUSED_FOR_NOW as error:
            log.warning("the executor was refused a look: %s", error)
            self._station.look_at_all()
            await asyncio.sleep(self.pace.look)
            return 0

    async def _rest(self, loop: asyncio.AbstractEventLoop) -> None:
        """Until there is something to look at. One that stands before us on this host takes what a bell announced: two
        that both ask for one run cost more than the run."""
        station, board = self._station, self._board
        await station.wait(self.pace.look)
        if self._tasks or self._stopping or not board.is_another_hungry():
            return
        heard = loop.time()
        await asyncio.sleep(GIVING_WAY)
        # It asked when this bell rang, took what there was and would take more: what comes later rings again.
        self._is_served = board.has_another_looked(heard - TOGETHER)

    async def _beat(self) -> None:
        while True:
            self._board.show(in_turn=True, hungry=self._hungry)
            self._count()
            if self._board.is_draining and not self._stopping:
                self.stop()
            await asyncio.sleep(self.pace.beat)

    def _count(self) -> None:
        """Tell the metrics what has ended: for each run by itself that would be dearer than much of what it does."""
        for status, runs in self._uncounted.items():
            RUNS_ENDED.labels(status).inc(runs)
        self._uncounted.clear()

    # --- taking ---------------------------------------------------------------------------------------------

    async def _look(self) -> int:
        """Take what there is room for; 0 where another look would find nothing more."""
        station = self._station
        taken = 0
        is_served, self._is_served = self._is_served, False
        if station.rung().all:
            await self._read_mail()
            taken += await self._take("orphaned", self._orphaned)
            taken += await self._take("due", lambda room: station.claims.due(room, station.kit.clock.now()))
            # What there was no room for is due and stays so: it is looked at again as soon as there is room.
            station.next_due = None if self._left_some else await station.claims.next_due()
            await station.lines.let_in()
            await station.locks.let_in()
        elif is_served:
            return 0
        room, asked = self._room, asyncio.get_running_loop().time()
        ready = await self._take("ready", station.claims.ready)
        # Fewer than there was room for: there are no more, and the bell rings for whoever comes.
        self._left_ready = ready >= room
        self._appetite = min(2 * self._appetite, APPETITE) if self._left_ready else 1
        self._feel(hungry=ready < min(room, HELP))
        self._board.looked(asked)
        return taken + (ready if self._left_ready else 0)

    def _feel(self, *, hungry: bool) -> None:
        if hungry != self._hungry:
            self._hungry = hungry
            self._board.show(in_turn=True, hungry=hungry)

    @property
    def _room(self) -> int:
        return min(self._appetite * self.pace.batch, self.pace.runs - len(self._tasks))

    async def _take(self, how: str, claim: Callable[[int], Awaitable[list[Claimed]]]) -> int:
        room = self._room
        if room <= 0:
            self._left_some |= how != "ready"
            return 0
        taken = await claim(room)
        self._took(taken, how)
        if len(taken) == room and how != "ready":
            self._station.look_at_all()
        return len(taken)

    async def _orphaned(self, room: int) -> list[Claimed]:
        station = self._station
        gone = await vanished(station.claiming, station.id)
        if not gone:
            return []
        spared = await outlived(station.claiming, station.id, gone, reborn=station.is_reborn)
        taken = await station.claims.orphaned(room, [one for one in gone if one not in spared])
        if len(taken) < room:
            taken += await station.claims.orphaned(room - len(taken), sorted(spared), outlived=True)
        if not taken:
            await forget(station.claiming, gone)
        return taken

    def _took(self, taken: Sequence[Claimed], how: str) -> None:
        loop = asyncio.get_running_loop()
        for claimed in taken:
            if (lost := self._tasks.get(claimed.id)) is not None:
                lost.cancel()  # others had the run meanwhile; whoever drove it here under its old fence is late
            task = loop.create_task(self._drive(claimed), name=f"run {claimed.id}")
            self._tasks[claimed.id] = task
            task.add_done_callback(partial(self._look_after, claimed))
        if taken:
            RUNS_CLAIMED.labels(how).inc(len(taken))

    async def _drive(self, claimed: Claimed) -> None:
        """Drive one run to where it can be left. A run that can't be driven is set aside for people."""
        kit = self._station.kit
        try:
            if claimed.rows or claimed.snapshot:
                first, plans = await self._station.plans.along(claimed)
                machine = refold(first, claimed.snapshot, claimed.rows, plans)
            else:
                machine = Machine(self._station.plans.known(claimed) or await self._station.plans.plan_of(claimed))
            driver = RunDriver(kit, claimed, machine.plan, machine)
            self._drivers[claimed.id] = driver
            with tracing(claimed.id):
                await driver.drive()
            self._left(claimed, driver)
        except MulgilError as error:
            log.exception("the run %s cannot go on", claimed.id)
            await kit.set_aside(claimed.id, claimed.fence, error)
        finally:
            if self._tasks.get(claimed.id) is asyncio.current_task():
                self._drivers.pop(claimed.id, None)
                del self._tasks[claimed.id]
            self._make_room()

    def _left(self, claimed: Claimed, driver: RunDriver) -> None:
        if driver.ended is None:
            self._station.expect(driver.wake_at)
            if driver.has_unread:
                self._station.look_at_all()
            return
        self._uncounted[driver.ended] += 1
        driver.forget()
        if claimed.line is not None:
            self._station.lines.left(claimed.flow, claimed.line)
            self._station.look_at_all()

    def _make_room(self) -> None:
        """There is room for another. Whatever else there may be to see is seen in time: to look at it all costs far more."""
        if self._left_some:
            self._left_some = False
            self._station.look_at_all()
        elif self._left_ready:
            self._station.bell.set()

    def _look_after(self, claimed: Claimed, task: "asyncio.Task[None]") -> None:
        """An error of the program itself: the run stops for people to see, the others go on."""
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            log.error("the run %s cannot go on", claimed.id, exc_info=error)
            aside = asyncio.ensure_future(self._station.kit.set_aside(claimed.id, claimed.fence, error))
            self._asides.add(aside)
            aside.add_done_callback(self._asides.discard)

    async def _read_mail(self) -> None:
        mailed = [run for run in await self._station.claims.with_mail() if run in self._drivers]
        if not mailed:
            return
        for run, letters in (await self._station.claims.letters(mailed)).items():
            if run in self._drivers:
                self._drivers[run].deliver(letters)

    # --- ending ---------------------------------------------------------------------------------------------

    async def _wind_down(self) -> None:
        """Let what runs come to its end within the grace, give back the rest, then leave."""
        self._hungry = False
        await self._until_idle(self.pace.grace)
        for driver in self.drivers:
            driver.release()
        await self._until_idle(2.0)
        await self._station.close()

    async def _drop(self) -> None:
        """These runs aren't ours any more; nothing of them is written."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._station.abandon()

    async def _until_idle(self, seconds: float) -> None:
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
