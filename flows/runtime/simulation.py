"""Runs under every misfortune at once, in memory, under one seed: several executors, a journal, a faulty world.

The machine, the codec and the mail are the product's own; the driver, the claims and the writer are models of it,
small enough to be held beside the originals: one batch on its way per run, a fence and an expected seq per write,
barriers where the driver has them, leases that end with a process or after silence. Time is virtual and chance is
drawn from the seed alone, so that a seed is a whole history: what it finds once it finds for ever.

It decides nothing about how the product works and is used by nothing of it.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from flows.dsl.document import Document
from flows.dsl.effects import Effect
from flows.dsl.instants import Instant
from flows.engine.compile import compile_plan
from flows.engine.failures import CorruptHistory
from flows.engine.invariants import Examiner
from flows.journal.codec import decode, fence_of
from flows.journal.rows import Row
from flows.nodes.installed import catalogue
from flows.runtime.claims import Letter
from flows.runtime.leases import HEARTBEAT, LEASE
from flows.runtime.simulated_driver import LOOK, SECOND, TROUBLE_ENDS, Driver, Stored
from flows.runtime.simulated_flows import draw_document

EXECUTORS: Final = 3
PATIENCE: Final = 3_600 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Defects a test may plant, to see them found."""

    no_fence: bool = False
    no_barrier: bool = False


class World:
    """One history. `go` plays it; the answer says in sentences what is wrong with it."""

    def __init__(self, seed: int, planted: Planted | None = None) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # seeded on purpose: a history repeats exactly
        self.planted = planted or Planted()
        self.now: Instant = SECOND
        self.effects: dict[tuple[UUID, str], list[Any]] = defaultdict(list)
        self.readings = 0
        self.ids = 0
        self.executors: dict[int, Executor] = {}
        self.runs = [
            Stored(self.new_id(), compile_plan(Document.model_validate(draw_document(self.dice)), catalogue()))
            for _ in range(self.dice.randint(1, 3))
        ]
        self._agenda: list[tuple[Instant, float, int, Callable[[], None]]] = []
        self._entries = 0

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=self.ids)

    def at(self, instant: Instant, call: Callable[[], None]) -> None:
        """Have something happen; what is due at one instant happens in an order of chance."""
        self._entries += 1
        heapq.heappush(self._agenda, (instant, self.dice.random(), self._entries, call))

    def after(self, least: int, most: int, call: Callable[[], None]) -> None:
        self.at(self.now + self.dice.randint(least, most), call)

    def go(self) -> list[str]:
        for _ in range(EXECUTORS):
            self.hire()
        for _ in range(self.dice.randint(4, 16)):
            self.at(self.dice.randint(SECOND, self.dice.choice((3, 6, 12, 40)) * SECOND), self.trouble)
        for run in self.runs:
            self._write_letters(run)
        while self._agenda and not all(run.ended for run in self.runs) and self.now < PATIENCE:
            self.now, _, _, call = heapq.heappop(self._agenda)
            call()
        return self.wrong()

    def hire(self) -> None:
        self.ids += 1
        executor = self.executors[self.ids] = Executor(self, self.ids)
        self.at(self.now, executor.look)

    def trouble(self) -> None:
        """An executor dies, or stops for a while, as one does whose machine sleeps."""
        living = [one for one in self.executors.values() if one.lives]
        if not living:
            return
        victim = self.dice.choice(living)
        if self.dice.random() < 0.6:
            victim.lives = False
            self.after(0, 3 * SECOND, self.hire)
        elif not victim.sleeps:
            victim.sleeps = True
            self.after(SECOND // 10, 20 * SECOND, victim.wake)

    def _write_letters(self, run: Stored) -> None:
        if self.dice.random() < 0.3:
            pause, resume = sorted(self.dice.randint(SECOND, TROUBLE_ENDS) for _ in range(2))
            self.at(pause, lambda: self.send(run, "pause"))
            self.at(resume, lambda: self.send(run, "resume"))
            self.at(TROUBLE_ENDS + SECOND, lambda: self.send(run, "resume"))
        if self.dice.random() < 0.15:
            self.at(self.dice.randint(SECOND, 5 * SECOND), lambda: self.send(run, "cancel"))

    def send(self, run: Stored, kind: str) -> None:
        name = self.new_id()
        if not run.ended:
            run.letters[name] = Letter(name, kind, "", None, {})

    def is_vanished(self, owner: int) -> bool:
        executor = self.executors[owner]
        return not executor.lives or self.now - executor.seen > LEASE * SECOND

    # --- the end ------------------------------------------------------------------------------------------------

    def wrong(self) -> list[str]:
        """What must never be, of this history."""
        found: list[str] = []
        for number, run in enumerate(self.runs):
            if not run.ended:
                found.append(f"run {number} did not end")
            examiner = Examiner(run.plan)
            for row in run.rows:
                examiner.take(row.seq, decode(row.kind, row.step, row.at, row.data), fence_of(row.data))
            found += [
                f"run {number}, step {one.step}, seq {one.seq}: {one.sentence} [{one.rule}]"
                for one in examiner.finish()
            ]
            if len(set(run.consumed)) != len(run.consumed):
                found.append(f"run {number} consumed a letter twice [inbox]")
            for step, sent in ((key, sent) for (of, key), sent in self.effects.items() if of == run.id):
                if any(content != sent[0] for content in sent):
                    found.append(f"run {number}, step {step}: its effect contradicts itself: {sent} [effects]")
            found += [
                f"run {number}, step {row.step}: it succeeded and its effect never happened [effects]"
                for row in run.rows
                if row.kind == "step_succeeded"
                and self._is_effect(run, row)
                and not self.effects[run.id, row.step or ""]
            ]
        return found

    @staticmethod
    def _is_effect(run: Stored, row: Row) -> bool:
        key = row.step or ""
        node = run.plan.nodes[key.rpartition("/")[2].partition("[")[0]]
        return node.effect is Effect.KEYED and (node.kind == "task" or key.endswith("]"))


class Executor:
    """A process: it lives or not, sleeps or not, and has drivers."""

    def __init__(self, world: World, name: int) -> None:
        self.world = world
        self.name = name
        self.lives = True
        self.sleeps = False
        self.seen: Instant = world.now
        self.backlog: list[Callable[[], None]] = []

    def do(self, call: Callable[[], None]) -> None:
        """Something happens to this process: never if it is dead, later if it sleeps."""
        if self.sleeps and self.lives:
            self.backlog.append(call)
        elif self.lives:
            call()

    def wake(self) -> None:
        self.sleeps = False
        backlog, self.backlog = self.backlog, []
        for call in backlog:
            self.world.after(0, SECOND // 100, partial(self.do, call))

    def look(self) -> None:
        self.do(self._look)

    def _look(self) -> None:
        world = self.world
        if world.now - self.seen >= HEARTBEAT * SECOND or world.now == self.seen:
            self.seen = world.now
        for run in world.runs:
            is_orphan = run.owner is not None and run.owner != self.name and world.is_vanished(run.owner)
            is_due = run.wake_at is not None and run.wake_at <= world.now
            if not run.ended and (is_orphan or (run.owner is None and (run.queued or is_due or run.mail))):
                run.owner, run.fence = self.name, run.fence + 1
                driver = Driver(self, run)
                world.after(0, SECOND // 100, partial(self.do, driver.begin))
        world.at(world.now + LOOK, self.look)


def play(seed: int, planted: Planted | None = None) -> list[str]:
    """The history of a seed: what is wrong with it, in sentences; nothing, where all holds."""
    try:
        return World(seed, planted).go()
    except CorruptHistory as error:
        return [f"an executor took over a journal it can't fold: {error.message} [fold]"]
