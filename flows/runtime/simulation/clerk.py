"""What the product's faces write in transactions of their own: starts, way made for a call, a lock taken by hand.

It decides the statements, in the order in which the operations send them, with time between them. Whoever sends them
waits for a row or a name as everyone does.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from flows.journal import unneeded
from flows.runtime import lines, locks
from flows.runtime.simulation import keeping, relaying, sharing, targets
from flows.runtime.simulation.server import Answer, Locked, Session
from flows.runtime.simulation.serving import performed

if TYPE_CHECKING:
    from flows.runtime.simulation.world import World

Script = Generator[tuple[str, Any], Answer, bool]
"""Statements one after the other, each with its answer; whether it came to what it was for."""
LATE: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""When all who have ended have done so long ago."""
OF_ENDED: Final = {
    "now": LATE, "before": UUID(int=2**128 - 1), "standard": 1, "most": 500, "run": UUID(int=0), "hash": "",
}  # fmt: skip
OF_NOBODY: Final = {"now": LATE, "after": "", "most": 500}
DISPLACED: Final = orjson.dumps({"reason": "A newer run took its place", "by": "", "compensate": False}).decode()


@dataclass(frozen=True, slots=True)
class Stand:
    """How many runs of a flow go at once, and what a full line does."""

    limit: int
    when_full: str


class Clerk:
    """Of one world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._dice = world.dice("clerk")

    def carry_out(self, script: Script, done: Callable[[bool], None] = lambda well: None) -> None:
        self._go_on(self._world.server.connect("people"), script, None, done)

    def start(self, values: dict[str, Any], stand: Stand | None) -> Script:
        """One statement, or a place in line and whoever is let in by it."""
        if stand is None:
            yield sharing.START, values
            return True
        line = lines.named([(values["flow"], values["line"])])
        yield "BEGIN", None
        yield lines.LOCK, line
        yield sharing.START, values
        if not (yield from self._make_room(values["flow"], values["line"], stand, coming=0)):
            yield "ROLLBACK", None
            return False
        yield lines.LET_IN, line
        yield "COMMIT", None
        return True

    def make_way(self, flow: UUID, line: str, stand: Stand) -> Script:
        """For a run that the journal is about to make."""
        yield "BEGIN", None
        yield lines.LOCK, lines.named([(flow, line)])
        well = yield from self._make_room(flow, line, stand, coming=1)
        yield ("COMMIT" if well else "ROLLBACK"), None
        return well

    def release(self, place: int, run: UUID) -> Script:
        """A lock is taken from who holds it: its run first, as everyone takes them."""
        yield "BEGIN", None
        found = yield sharing.HOLDER, (run,)
        released = (yield sharing.RELEASE, (place,)) if found else []
        yield locks.BELL, None
        yield "COMMIT", None
        return bool(released)

    def reset(self, workspace: UUID, target: str) -> Script:
        """A breaker is closed by hand."""
        return bool((yield targets.RESET, (workspace, target)))

    def send_again(self) -> Script:
        """What is dead goes once more."""
        yield relaying.AGAIN, None
        return True

    def purge(self, *, days_go_by: bool, lets_go: bool) -> Script:
        """Ended runs let their large values go, and what nobody needs is deleted; in batches that are transactions."""
        if days_go_by:
            yield keeping.AGE, None
        steps = ((unneeded.LET_GO, OF_ENDED), (unneeded.SWEEP, OF_NOBODY))
        for statement, values in steps if lets_go else steps[1:]:
            yield "BEGIN", None
            yield statement, values
            yield "COMMIT", None
        return True

    def _make_room(self, flow: UUID, line: str, stand: Stand, *, coming: int) -> Script:
        if stand.when_full == "reject":
            live = yield lines.LIVE_IN, {"flow": flow, "line": line}
            return bool(live[0][0] + coming <= stand.limit)
        if stand.when_full == "cancel_oldest":
            where = {"flow": flow, "line": line, "limit": stand.limit - coming, "letter": "displaced"}
            told = [run for (run,) in (yield lines.DISPLACE, where)]
            if told:
                yield sharing.LETTERS, (DISPLACED, [self._world.new_id() for _ in told], told)
                yield locks.BELL, None
        return True

    def _go_on(self, session: Session, script: Script, rows: Any, done: Callable[[bool], None]) -> None:
        try:
            query, values = script.send(rows)
        except StopIteration as end:
            self._world.server.end(session)
            done(end.value)
            return
        self._ask(session, script, (query, values), done)

    def _ask(self, session: Session, script: Script, asked: tuple[str, Any], done: Callable[[bool], None]) -> None:
        world = self._world
        try:
            rows = performed(world, session, *asked)
        except Locked:
            world.server.waiting.append(lambda: self._ask(session, script, asked, done))
            return
        delay = self._dice.choice((0, 0, 300, 4_000, 100_000)) if session.is_open else 0
        if asked[0] == unneeded.SWEEP:  # it may take its time
            delay *= 10
        world.at(world.now + delay, lambda: self._go_on(session, script, rows, done))
