"""A simulated worker process: the product's own executor on a loop of its own, which can be stopped, cut off and killed.

It decides what becomes of a process; when is the world's business. What the broker and the supervisor do for a real one (a
new turn while there is something to do, a new process for one that died) is done here in their place.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from flows.dsl.instants import Instant
from flows.errors import MulgilError
from flows.journal.rows import ChildRow
from flows.nodes.base import NodeType, Step
from flows.runtime.alone import AloneReply, AloneRequest, failure_told
from flows.runtime.board import Board
from flows.runtime.context import idempotency_key
from flows.runtime.equipment import Tools
from flows.runtime.errors import NobodyCalls
from flows.runtime.executor import Executor, Pace
from flows.runtime.foreign import ForeignCode
from flows.runtime.parcels import Parcel
from flows.runtime.relay import Relay
from flows.runtime.simulation.loop import VirtualLoop
from flows.runtime.simulation.targets import Hearsay
from flows.runtime.simulation.wire import Wire
from flows.runtime.station import Connection, Station
from flows.runtime.verbs import CallOrder

if TYPE_CHECKING:
    from flows.runtime.simulation.world import World

SECOND: Final = 1_000_000
SOON: Final = 1.0
"""Seconds after which a turn follows the one before."""


class Full(MulgilError):
    """The flow runs as many at once as it may, and refuses more."""

    code = "concurrency_limit"
    klass = "recoverable"


class ProcessLoop(VirtualLoop):
    """A loop that knows whose it is."""

    process: "Process"


class Watch:
    """The clock of one process, which may go wrong."""

    def __init__(self, process: "Process") -> None:
        self._process = process

    def now(self) -> Instant:
        return self._process.world.now + self._process.skew

    def call_at(self, instant: Instant, call: Callable[[], object]) -> asyncio.TimerHandle:
        delay = max(0.0, (instant - self.now()) / SECOND)
        return self._process.loop.call_later(delay, call)


class Silent(Board):
    """A board nobody looks at."""

    def __init__(self) -> None:
        """There is no page of shared memory."""

    def show(self, *, in_turn: bool, hungry: bool, begins: bool = False) -> None:
        """Nobody looks."""

    def looked(self, at: float) -> None:
        """Nobody gives way to it."""

    def is_another_hungry(self) -> bool:
        """Each simulated process is a host of its own."""
        return False

    @property
    def is_draining(self) -> bool:
        return False


@asynccontextmanager
async def bare_hands() -> AsyncIterator[Tools]:
    """Simulated nodes need no tools."""
    yield Tools(cast("Any", None), cast("Any", None), cast("Any", None))


class Process:
    """One worker process, from its birth to its death."""

    def __init__(self, world: "World", number: int, pace: Pace, skew: int, relays: float | None = None) -> None:
        """`relays`: seconds between two looks of its relay, where it has one."""
        self.world = world
        self.number = number
        self.skew = skew
        self.lives = True
        self.is_frozen = False
        self.is_leaving = False
        self.cut_off_until: Instant = 0
        self.halts_for: Instant = 0
        """It is stopped for so long as soon as it has something in hand for the journal."""
        self.hearsay = Hearsay()
        self.loop = ProcessLoop(lambda: world.now)
        self.loop.process = self
        self.wires: list[Wire] = []
        self._backlog: list[Callable[[], None]] = []
        self.station = Station(
            clock=Watch(self), catalogue=world.catalogue, connecting=self._connect, alone=self._alone,
            equipping=bare_hands, calling=self._call, unsealing=lambda key, secret: {}, snapshots_after=world.snapshots_after,
        )  # fmt: skip
        self.executor = Executor(self.station, Silent(), pace)
        self.relay = None if relays is None else Relay(self._connect, bringing=self._bring, every=relays)
        self.loop.run(lambda: self.loop.create_task(self._live(), name="life"))

    def do(self, call: Callable[[], None]) -> None:
        """Something reaches this process: never if it is dead, later if it is stopped."""
        if self.is_frozen and self.lives:
            self._backlog.append(call)
        elif self.lives:
            self.loop.call_soon(call)

    async def _live(self) -> None:
        relaying = self.loop.create_task(self.relay.deliver_on(), name="relay") if self.relay is not None else None
        while not self.is_leaving:
            await self.executor.turn()
            if not self.is_leaving:
                await asyncio.sleep(SOON)
        if relaying is not None:
            await relaying
        self.world.at(self.world.now, lambda: self.world.bury(self))

    async def _connect(self, name: str) -> Connection:
        await asyncio.sleep(self.world.net.choice((0, 0.001, 0.02)))
        wire = Wire(self, self.world.server.connect(f"{self.number} {name}"))
        self.wires.append(wire)
        return cast("Connection", wire)

    async def _bring(self, parcel: Parcel, _connection: object) -> None:
        await self.world.receivers.bring(self, parcel)

    async def _call(self, order: CallOrder) -> ChildRow:
        await asyncio.sleep(self.world.net.choice((0, 0.002)))
        row = self.world.called(order)
        if row is None:
            raise NobodyCalls
        stand = self.world.stands.get(row.flow)
        if stand is not None:
            made: asyncio.Future[bool] = self.loop.create_future()

            def told(well: bool) -> None:  # as a future is told
                self.do(lambda: None if made.done() else made.set_result(well))

            self.world.clerk.carry_out(self.world.clerk.make_way(row.flow, row.line or "", stand), told)
            if not await made:
                raise Full
        return row

    async def _alone(self, request: AloneRequest, _until_told: object) -> AloneReply | None:
        """A step in a process of its own, which may die without taking this one along."""
        await asyncio.sleep(0.01)
        if isinstance(request.config, dict) and request.config.get("poison"):
            self.world.tell(self, f"{request.key} kills the process it was given")
            return None
        node_type: Any = self.world.catalogue.get(request.type)
        with ForeignCode() as code:
            result = await cast("NodeType", node_type).perform(
                node_type.validate(request.config), Step(cast("Any", _Lonely(request)))
            )
            fields = {name: getattr(result, name) for name in result.__slots__}
            return AloneReply(result=type(result).__name__, fields=fields, logs=[])
        assert code.error is not None
        return AloneReply(result=None, fields=failure_told(code.error), logs=[])

    async def pause(self, seconds: float) -> None:
        """A node is busy for so long; in a process that is no more, for ever."""
        await asyncio.sleep(seconds)
        if not self.lives:
            await asyncio.get_running_loop().create_future()

    # --- what befalls it ------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        self.is_frozen = True

    def halt(self) -> None:
        """Between handing over and sending: what is in hand goes out when it goes on."""
        lasts, self.halts_for = self.halts_for, 0
        self.world.tell(self, f"is stopped for {lasts / SECOND:.1f} s with what it was to write in hand")
        self.freeze()
        self.world.at(self.world.now + lasts, self.thaw)

    def thaw(self) -> None:
        self.is_frozen = False
        backlog, self._backlog = self._backlog, []
        if self.lives:
            for call in backlog:
                self.loop.call_soon(call)

    def leave(self) -> None:
        """It is told to end in order."""
        self.is_leaving = True
        self.do(self.executor.stop)
        if self.relay is not None:
            self.do(self.relay.leave)

    def die(self) -> None:
        """At once, in mid-work: what it had sent may still arrive."""
        self.lives = False
        world = self.world
        for wire in self.wires:
            if world.net.random() < 0.5:
                world.server.end(wire.session)
            else:
                world.at(world.now + 20_000, lambda wire=wire: world.server.end(wire.session))  # type: ignore[misc]  # bound now

    def complaints(self) -> list[str]:
        """What went wrong in the program itself."""
        return [f"{one.get('message')}: {one.get('exception')!r}" for one in self.loop.complaints]

    def bury(self) -> None:
        """No task of it is left behind."""
        self.lives = False
        for wire in self.wires:
            wire.closed = True
            self.world.server.end(wire.session)
        self.loop.bury()


class _Lonely:
    """What a simulated node looks at of its step, from a request to perform it alone."""

    def __init__(self, request: AloneRequest) -> None:
        self.key = request.key
        self.attempt = request.attempt
        self.clock = request.clock
        self.began = request.began
        self.seed = request.seed
        self.lock_token = request.lock_token
        self.state = request.state
        self.leaving = request.leaving
        self.idempotency_key = idempotency_key(request.run, request.key)
