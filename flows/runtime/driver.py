"""One run, driven: the machine's commands carried out, what happened turned into events.

It decides when a barrier stands between the journal and the world (DESIGN 6.3) and when the run is parked.
It refuses to know how a step is performed (`attempt`), how events are committed (`journal`) and which runs
are ours (`executor`).
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, Literal
from uuid import UUID

from flows.dsl.effects import Effect
from flows.engine.commands import Finish, Gather, Record, StartAttempt
from flows.engine.events import (
    AlertRaised,
    Event,
    PayloadRef,
    RunCancelled,
    RunFailed,
    RunSucceeded,
    StepCancelled,
    StepSucceeded,
    StepUncertain,
    Value,
)
from flows.engine.machine import Machine
from flows.engine.outcomes import Lost, TimedOut
from flows.engine.plan import Plan
from flows.journal.errors import RunLost
from flows.journal.rows import LetterRow, Payload, Projection, SnapshotRow
from flows.journal.snapshots import Snapshots
from flows.journal.values import settle
from flows.observe.metrics import ATTEMPT_SECONDS, ATTEMPTS, RUNS_LOST
from flows.observe.trace import tracing
from flows.runtime.attempt import Attempt, Performed, cut
from flows.runtime.beside import CUT_SHORT, put_beside, tell_of_end_in_midst, tell_of_end_of_wait
from flows.runtime.claims import Claimed, Letter
from flows.runtime.facts import alert_of, facts_of, given_up, opening_of, projected
from flows.runtime.family import told_to_parent
from flows.runtime.farewell import Farewells
from flows.runtime.kit import Kit
from flows.runtime.mail import event_of
from flows.runtime.moving import Moves

_PURE: Final = Effect.PURE
LINGER: Final = 2_000_000
"""Microseconds a run with nothing to do is held in memory for the next thing due."""
_ENDS: Final = frozenset({RunSucceeded, RunFailed, RunCancelled})
SUSPECT: Final = 2
"""A step that so many executors vanished over is performed alone. One loss is the host's misfortune far more
often than the step's fault, and a host that dies leaves hundreds of steps behind."""
BREATH: Final = 0.005
"""Seconds a run may compute before the others on the loop get their turn."""


class RunDriver:
    """Drives one claimed run until it ends, parks, is released or lost. One task per run."""

    def __init__(self, kit: Kit, claimed: Claimed, plan: Plan, machine: Machine) -> None:
        self.kit = kit
        self.run: UUID = claimed.id
        self._is_waiting = False
        self._claimed = claimed
        self._machine = machine
        self._facts = facts_of(claimed, plan, machine, kit.clock.now())
        self._log = kit.journal.open(self, claimed.id, claimed.fence, claimed.seq)
        self._snapshots = Snapshots(machine, claimed.snapshot.seq if claimed.snapshot else 0, kit.snapshots_after)
        self._moves = Moves(kit, claimed, machine, self._log)
        self._careful = claimed.careful
        self._unsure = False
        self._releasing = False
        self._letting_go = False
        self._wake_at: int | None = None
        self._decided_at = 0
        self._ended: Event | None = None
        self._locks = machine.locks()
        self._tasks: dict[str, tuple[Attempt, asyncio.Task[None]]] = {}
        self._outcomes: list[tuple[Attempt, Performed]] = []
        self._news = asyncio.Event()
        self._farewells = Farewells(kit.clock, kit.cancel_grace, self._news.set)
        self._letters: list[Letter] = claimed.letters
        self._read: set[UUID] = set()
        self._breathed = asyncio.get_running_loop().time()

    # --- what the writer asks -------------------------------------------------------------------------------

    def projection(self) -> Projection:
        return projected(
            self._machine,
            self._facts,
            ended=self._ended,
            wake_at=self._wake_at,
            let_go=self._letting_go,
            careful=self._careful,
        )

    def snapshot(self) -> SnapshotRow | None:
        has_ended, has_moved = self._ended is not None, self._moves.has_moved
        return self._snapshots.due(self._log.seq, has_ended=has_ended, has_moved=has_moved)

    # --- what the executor says -----------------------------------------------------------------------------

    def deliver(self, letters: Sequence[Letter]) -> None:
        """Mail for this run."""
        self._letters += letters
        self._news.set()

    def release(self) -> None:
        """Give the run back as soon as can be: its attempts are cut, others go on with it."""
        self._releasing = True
        self._news.set()

    @property
    def ended(self) -> str | None:
        """How the run ended; None while it hasn't."""
        return self._machine.status if self._ended is not None else None

    @property
    def wake_at(self) -> int | None:
        """When it is due again, once it was parked for a time."""
        return self._wake_at

    @property
    def has_unread(self) -> bool:
        """Whether mail came too late for it: the run was being let go of."""
        return bool(self._letters)

    @property
    def is_idle(self) -> bool:
        """Whether it waits and nothing has happened that it must look at."""
        return self._is_waiting and not self._news.is_set()

    @property
    def sleeping(self) -> int:
        """How many attempts are under way on the loop."""
        return len(self._tasks)

    def forget(self) -> None:
        """The run has ended and nobody asks any more: its memory is free at once, and not when the collector comes."""
        self._log.part()
        self._machine.dissolve()

    async def drive(self) -> None:
        """Until the run ends, parks or is released. Losing it is no error: another executor has it."""
        try:
            await self._drive()
        except RunLost:
            RUNS_LOST.inc()
        finally:
            self._farewells.close()
            for under_way in self._tasks.values():
                cut(*under_way)

    async def _drive(self) -> None:
        self._begin()
        while True:
            self._read_mail()
            self._take_outcomes()
            if await self._moves.moved(self._put):
                await self._park(self.kit.clock.now())  # whoever takes it next goes by the new version
                return
            await self._decide()
            if self._ended is not None:
                await self._log.barrier()
                return
            if self._releasing:
                await self._release()
                return
            if self._outcomes or self._letters:
                continue
            if not self._tasks and self._may_park():
                await self._park()
                return
            await self._wait()

    def _begin(self) -> None:
        now = self.kit.clock.now()
        if self._log.seq == 0:
            event, payload = opening_of(self._claimed, self._facts, now)
            self._keep(payload)
            self._put(event)
        # That the database was away says nothing of a step: it was given back, and is not suspected of a death.
        cause: Literal["vanished", "released"] = "released" if self._claimed.outlived else "vanished"
        for lost in self._machine.in_flight():
            event_or_none = self._machine.report(lost.step, lost.seed, Lost(cause=cause), now)
            if event_or_none is not None:
                self._put(event_or_none)

    def _put(self, event: Event, performed: Performed | None = None) -> None:
        self._log.put(event, performed.seen if performed else None)
        if performed is not None and performed.brings_more:
            put_beside(self._log, event, performed)
        if self._machine.waits(event.step) is not None:
            tell_of_end_of_wait(self._log, self._machine, event)
        if type(event) in CUT_SHORT:
            tell_of_end_in_midst(self._log, self._machine, event, performed)
        self._machine.apply(event)
        if len(self._locks) != len(self._machine.state.locks):  # an event adds one, or takes some away
            self._let_go(self._machine.locks())
        kind = type(event)
        if kind is StepSucceeded:  # most of all that is put here
            return
        if isinstance(event, AlertRaised):
            alert, message = alert_of(event, self.run)
            self._log.alert(alert)
            self._log.send(message)
        elif (kind is StepCancelled or kind is StepUncertain) and event.step in self._tasks:
            cut(*self._tasks.pop(event.step))
        elif kind in _ENDS:
            self._ended = event
            self._let_go({})
            self._post(told_to_parent(self._claimed, self._machine, event))

    def _keep(self, payload: Payload | None) -> None:
        if payload is not None:
            self._log.keep(payload)
            self.kit.payloads.remember(payload)

    def _let_go(self, locks: Mapping[str, int]) -> None:
        """Leave the lines, and let go of the locks, that the last event left behind."""
        for step, seed in self._locks.items() - locks.items():
            self._log.leave(step, seed)
        self._locks = dict(locks)

    def _post(self, letter: LetterRow | None) -> None:
        if letter is not None:
            self._log.post(letter)

    def _read_mail(self) -> None:
        letters, self._letters = self._letters, []
        for letter in letters:
            if letter.id in self._read:
                continue
            self._read.add(letter.id)
            if self._moves.keeps(letter):
                continue
            event, payload = event_of(letter, self._machine, self.kit.clock.now())
            self._log.consume(letter.id)
            self._keep(payload)
            if event is not None:
                self._put(event)
            else:
                self._log.touch()

    def _take_outcomes(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        for attempt, performed in outcomes:
            self._report(attempt, performed)

    def _report(self, attempt: Attempt, performed: Performed) -> None:
        self._farewells.end(attempt.step)
        event = self._machine.report(attempt.step, attempt.seed, performed.outcome, self.kit.clock.now())
        if event is None:
            return
        self._keep(performed.payload)
        if attempt.command.effect is not _PURE:
            self._unsure = True
        self._put(event, performed)

    async def _decide(self) -> None:
        """Journal and begin all there is to be done now, one thing leading to another."""
        # What follows is asked for the very instant of this decision: what fell due a moment later is not yet begun.
        while commands := self._machine.decide(self._look_at_clock(), self._farewells.steps):
            starting: list[Attempt] = []
            for command in commands:
                if isinstance(command, StartAttempt):
                    starting.append(self._begun(command))
                elif isinstance(command, Record):
                    if self._is_told_first(command.event):
                        break  # what is around it stays as well
                    self._put(command.event)
                else:
                    await self._put_together(command)
            if starting:
                await self._start(starting)
            if asyncio.get_running_loop().time() - self._breathed > BREATH:
                await self._log.keep_up()
                self._breathed = asyncio.get_running_loop().time()

    def _is_told_first(self, event: Event) -> bool:
        """Whether the attempt that the event would cut is told of the run's cancel, and may yet end by itself."""
        kind = type(event)
        if (kind is not StepCancelled and kind is not StepUncertain) or not self._machine.is_cancelled:
            return False
        found = self._tasks.get(event.step or "")
        return found is not None and self._farewells.begin(found[0])

    def _begun(self, command: StartAttempt) -> Attempt:
        """Journal its beginning: the step was ready, so that nothing waits for this and no lock is taken or let go."""
        at, seed = self.kit.clock.now(), random.getrandbits(63)  # an identity, not a secret
        event = command.started(at, seed)
        self._log.put(event)
        self._machine.apply(event)
        reads, footing = self._machine.reads(command.step), self._machine.footing(command.step)
        return Attempt(self.kit, self._facts, command, reads=reads, at=at, seed=seed, footing=footing)

    def _look_at_clock(self) -> int:
        self._decided_at = self.kit.clock.now()
        return self._decided_at

    async def _put_together(self, command: Gather | Finish) -> None:
        output = command.output
        if type(output) is PayloadRef:  # it is kept already, by the event it comes from
            value: Value = output
        else:
            value, payload = settle(await self.kit.payloads.assemble(output), is_plain=True)
            self._keep(payload)
        now = self.kit.clock.now()
        if isinstance(command, Gather):
            self._log.give_up(given_up(self._machine, command.step))
            self._put(command.gathered(now, value))
        else:
            self._put(command.finished(now, value))

    async def _start(self, starting: Sequence[Attempt]) -> None:
        if self._careful or self._unsure or any(one.commits_first for one in starting):
            await self._log.barrier()
            self._unsure = False
        for attempt in starting:
            command = attempt.command
            alone = self._careful and command.losses >= SUSPECT and command.purpose == "run"
            performed = None if alone else attempt.swiftly()
            if performed is not None:
                self._report(attempt, performed)
            else:
                task = asyncio.get_running_loop().create_task(self._perform(attempt, alone=alone))
                self._tasks[attempt.step] = attempt, task

    async def _perform(self, attempt: Attempt, *, alone: bool) -> None:
        clock, timeout = self.kit.clock, attempt.command.timeout
        task, began = asyncio.current_task(), time.monotonic()
        assert task is not None
        alarm = None if timeout is None else clock.call_at(clock.now() + timeout, partial(_time_out, attempt, task))
        try:
            with tracing(self.run, attempt.step):
                performed = await attempt.perform(alone=alone)
        except asyncio.CancelledError:
            if not attempt.timed_out:
                raise
            task.uncancel()
            performed = Performed(TimedOut())
        finally:
            if alarm is not None:
                alarm.cancel()
        await attempt.learned(performed.outcome)
        kind = attempt.command.node.type.name
        ATTEMPT_SECONDS.labels(kind).observe(time.monotonic() - began)
        ATTEMPTS.labels(kind, type(performed.outcome).__name__.lower()).inc()
        self._farewells.answered(attempt.step)
        self._outcomes.append((attempt, performed))
        self._tasks.pop(attempt.step, None)
        self._news.set()

    async def _wait(self) -> None:
        """Until something happens or is due."""
        wake_at = self._machine.wake_at(self._decided_at)
        alarm = None if wake_at is None else self.kit.clock.call_at(wake_at, self._news.set)
        self._is_waiting = True
        try:
            await self._news.wait()
        finally:
            self._is_waiting = False
            self._news.clear()
            self._breathed = asyncio.get_running_loop().time()
            if alarm is not None:
                alarm.cancel()

    def _may_park(self) -> bool:
        wake_at = self._machine.wake_at(self._decided_at)
        return wake_at is None or wake_at > self._decided_at + LINGER

    async def _park(self, wake_at: int | None = None) -> None:
        """Let go of the run; its row says when to take it again."""
        self._wake_at = wake_at if wake_at is not None else self._machine.wake_at(self._decided_at)
        self._letting_go = True
        self._log.touch()
        await self._log.barrier()

    async def _release(self) -> None:
        """Cut what is under way, journal that it was given back, and let others have the run at once."""
        now = self.kit.clock.now()
        for attempt, task in list(self._tasks.values()):
            cut(attempt, task)
            event = self._machine.report(attempt.step, attempt.seed, Lost(cause="released"), now)
            if event is not None:
                self._put(event)
        self._tasks.clear()
        await self._park(now)


def _time_out(attempt: Attempt, task: "asyncio.Task[None]") -> None:
    """The attempt's time is over."""
    attempt.timed_out = True
    cut(attempt, task)
