"""The drivers of the simulation: a model of `RunDriver` and of its end of the journal, one run each.

It goes by the machine's own commands and by the driver's three barriers; how long things take and what becomes of
what is sent is drawn from the world's dice. It refuses to know who else is there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant, format_instant
from flows.engine.commands import Finish, Gather, Record, StartAttempt
from flows.engine.events import ErrorInfo, Event, RunCancelled, RunFailed, RunStarted, RunSucceeded, StepCancelled
from flows.engine.machine import Machine
from flows.engine.outcomes import Failed, Lost, Outcome, Succeeded
from flows.engine.performing import list_items, perform
from flows.engine.plan import Plan
from flows.engine.simulate import assemble
from flows.journal.codec import decode, encode, stamped
from flows.journal.rows import Row
from flows.runtime.claims import Letter
from flows.runtime.mail import event_of

if TYPE_CHECKING:
    from flows.runtime.simulation import Executor

SECOND: Final = 1_000_000
LOOK: Final = SECOND // 2
LINGER: Final = 2 * SECOND
TROUBLE_ENDS: Final = 40 * SECOND
ENDS: Final = (RunSucceeded, RunFailed, RunCancelled)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one write would change."""

    fence: int
    was: int
    rows: list[Row]
    consumed: list[UUID]
    wake_at: Instant | None
    let_go: bool
    ended: bool


@dataclass(slots=True)
class Stored:
    """A run as the database holds it."""

    id: UUID
    plan: Plan
    rows: list[Row] = field(default_factory=list)
    owner: int | None = None
    fence: int = 0
    seq: int = 0
    queued: bool = True
    ended: bool = False
    wake_at: Instant | None = None
    letters: dict[UUID, Letter] = field(default_factory=dict)
    consumed: list[UUID] = field(default_factory=list)

    @property
    def mail(self) -> list[Letter]:
        return [letter for name, letter in self.letters.items() if name not in self.consumed]

    def commit(self, batch: Batch, *, unfenced: bool) -> bool:
        """Write, if it is still the writer's to write."""
        if (self.fence != batch.fence and not unfenced) or (self.seq != batch.was and not unfenced):
            return False
        self.rows += batch.rows
        self.seq += len(batch.rows)
        self.consumed += batch.consumed
        self.queued, self.wake_at, self.ended = False, batch.wake_at, batch.ended
        if batch.let_go:
            self.owner = None
        return True


@dataclass(slots=True)
class _Queued:
    rows: list[Row] = field(default_factory=list)
    consumed: list[UUID] = field(default_factory=list)
    touched: bool = False


class Driver:
    """A model of `RunDriver` and of its end of the journal."""

    def __init__(self, executor: "Executor", stored: Stored) -> None:
        self.executor, self.world, self.stored = executor, executor.world, stored
        self.fence, self.seq, self.committed = stored.fence, stored.seq, stored.seq
        self.machine = Machine(stored.plan)
        for row in stored.rows:
            self.machine.apply(decode(row.kind, row.step, row.at, row.data))
        self.letters = stored.mail
        self.read: set[UUID] = set()
        self.queued = _Queued()
        self.sent: Batch | None = None
        self.barrier: Callable[[], None] | None = None
        self.flights: dict[str, int] = {}
        self.outcomes: list[tuple[str, int, Outcome, Effect]] = []
        self.unsure = self.lost = self.ended = self.leaving = False
        self.wake_at: Instant | None = None

    def begin(self) -> None:
        now = self.world.now
        if self.seq == 0:
            self.put(RunStarted(at=now, input={}, trigger="start"))
        for flight in self.machine.in_flight():
            event = self.machine.report(flight.step, flight.seed, Lost(), now)
            if event is not None:
                self.put(event)
        self.turn()

    def put(self, event: Event) -> None:
        row = encode(event, self.seq + 1)
        self.queued.rows.append(row)
        self.seq += 1
        self.machine.apply(decode(row.kind, row.step, row.at, row.data))
        if isinstance(event, StepCancelled):
            self.flights.pop(event.step or "", None)
        self.ended |= isinstance(event, ENDS)

    # --- driving --------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Go on until something must be waited for."""
        if self.lost or self.barrier is not None or self.leaving:
            return
        self._read_mail()
        self._take_outcomes()
        while commands := self.machine.decide(self.world.now):
            starting: list[tuple[StartAttempt, int, Any]] = []
            for command in commands:
                if isinstance(command, StartAttempt):
                    seed = self.world.dice.getrandbits(63)
                    self.put(command.started(self.world.now, seed))
                    starting.append((command, seed, self.machine.reads(command.step)))
                elif isinstance(command, Record):
                    self.put(command.event)
                else:
                    self.put(_put_together(command, self.world.now))
            if starting:
                if self.unsure or any(command.commits_first for command, _, _ in starting):
                    self.unsure = False
                    self._wait_for_commit(partial(self._start, starting))
                    return
                self._start(starting)
        self._rest()

    def _rest(self) -> None:
        wake_at = self.machine.wake_at(self.world.now)
        if self.ended:
            self.leaving = True
            self.flush()
        elif not self.flights and (wake_at is None or wake_at > self.world.now + LINGER):
            self.leaving, self.wake_at, self.queued.touched = True, wake_at, True
            self.flush()
        else:
            if wake_at is not None:
                self.world.at(wake_at, lambda: self.executor.do(self.turn))
            self.world.at(self.world.now + SECOND // 50, lambda: self.executor.do(self.flush))
            self.world.at(self.world.now + LOOK, lambda: self.executor.do(self._fetch_mail))

    def _fetch_mail(self) -> None:
        if not self.lost and any(letter.id not in self.read for letter in self.stored.mail):
            self.letters = self.stored.mail
            self.turn()

    def _read_mail(self) -> None:
        letters, self.letters = self.letters, []
        for letter in letters:
            if letter.id not in self.read:
                self.read.add(letter.id)
                event, _ = event_of(letter, self.machine, self.world.now)
                self.queued.consumed.append(letter.id)
                self.queued.touched = True
                if event is not None:
                    self.put(event)

    def _take_outcomes(self) -> None:
        outcomes, self.outcomes = self.outcomes, []
        for step, seed, outcome, effect in outcomes:
            event = self.machine.report(step, seed, outcome, self.world.now)
            if event is not None:
                self.unsure |= effect is not Effect.PURE
                self.put(event)

    def _start(self, starting: list[tuple[StartAttempt, int, Any]]) -> None:
        for command, seed, reads in starting:
            self.flights[command.step] = seed
            outcome = self._outcome(command, reads)
            lasts = self.world.dice.choice((0, 1_000, 20_000, 300_000, 2 * SECOND))
            if command.effect is Effect.KEYED and command.purpose == "run":
                reach = self._reach(command.step, dict(reads.nodes), is_sent=self.world.dice.random() < 0.5)
                self.world.at(self.world.now + self.world.dice.randint(0, lasts), reach)
            done = self._done(command, seed, outcome)
            self.world.at(self.world.now + lasts, partial(self.executor.do, done))
        self.turn()

    def _reach(self, step: str, content: Any, *, is_sent: bool) -> Callable[[], None]:
        """The effect happens: even if its process dies, once it is on the wire."""

        def reach() -> None:
            self.world.effects[self.stored.id, step].append(content)

        return reach if is_sent else lambda: reach() if self.executor.lives else None

    def _done(self, command: StartAttempt, seed: int, outcome: Outcome) -> Callable[[], None]:
        def done() -> None:
            if self.flights.get(command.step) == seed and not self.lost:
                del self.flights[command.step]
                self.outcomes.append((command.step, seed, outcome, command.effect))
                self.turn()

        return done

    def _outcome(self, command: StartAttempt, reads: Any) -> Outcome:
        node, dice = command.node, self.world.dice
        if command.purpose == "items" and node.items is not None:
            each = node.node.each
            return list_items(node.items.resolve({}), each=each.model_dump() if each is not None else None)
        if node.type.name == "flow.wait":
            return perform("flow.wait", node.config.resolve({"now": format_instant(self.world.now)}), self.world.now)
        if command.effect is not Effect.KEYED and dice.random() < 0.12:
            return Failed(ErrorInfo(code="drawn", message="", klass=dice.choice(("recoverable", "permanent"))))
        self.world.readings += 1
        return Succeeded(self.world.readings)

    # --- writing --------------------------------------------------------------------------------------------------

    def _wait_for_commit(self, then: Callable[[], None]) -> None:
        if self.world.planted.no_barrier or (self.committed == self.seq and not self.queued.touched):
            then()
            return
        self.barrier = then
        self.flush()

    def flush(self) -> None:
        """Send what is queued, if nothing is on its way."""
        queued = self.queued
        if self.lost or self.sent is not None or not (queued.rows or queued.touched):
            return
        self.queued = _Queued()
        if queued.rows:
            queued.rows[0] = stamped(queued.rows[0], self.fence)
        was = self.seq - len(queued.rows)
        let_go = self.leaving
        self.sent = Batch(self.fence, was, queued.rows, queued.consumed, self.wake_at, let_go, self.ended)
        self._deliver()

    def _deliver(self) -> None:
        """On its way: quickly or very late, perhaps twice, and the answer may be lost."""
        dice, batch = self.world.dice, self.sent
        assert batch is not None
        slow = dice.random() < 0.05 and self.world.now < TROUBLE_ENDS
        is_sent = slow or dice.random() < 0.5  # else it needs its process to live until it is
        arrive = self._arrival(batch)

        def arrives() -> None:
            if is_sent or self.executor.lives:
                arrive()

        self.world.after(500, 15 * SECOND if slow else 5_000, arrives)

    def _arrival(self, batch: Batch) -> Callable[[], None]:
        def again() -> None:
            self.stored.commit(batch, unfenced=False)

        def arrive() -> None:
            unfenced = self.world.planted.no_fence
            ok = self.stored.commit(batch, unfenced=unfenced)
            if self.world.dice.random() < 0.03 and batch.rows and not unfenced:
                self.world.after(1_000, 100_000, again)
            if self.world.dice.random() < 0.05:
                self.world.after(50_000, SECOND, lambda: self.executor.do(self._what_stands))
            else:
                self.world.after(200, 2_000, lambda: self.executor.do(lambda: self._answered(ok=ok)))

        return arrive

    def _what_stands(self) -> None:
        batch = self.sent
        if batch is None or self.lost:
            return
        standing = self.stored.fence, self.stored.seq
        if standing == (self.fence, batch.was) and batch.rows:
            self._deliver()
        else:
            self._answered(ok=standing == (self.fence, batch.was + len(batch.rows)))

    def _answered(self, *, ok: bool) -> None:
        batch, self.sent = self.sent, None
        if batch is None:
            return
        if not ok:
            self.lost = True
            return
        self.committed = batch.was + len(batch.rows)
        if self.queued.rows or self.queued.touched:
            if self.barrier is not None or self.leaving:
                self.flush()
        elif self.barrier is not None:
            then, self.barrier = self.barrier, None
            then()


def _put_together(command: Gather | Finish, now: Instant) -> Event:
    value = assemble(command.output)
    return command.gathered(now, value) if isinstance(command, Gather) else command.finished(now, value)
