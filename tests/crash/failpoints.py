"""Where a process can be made to die: at thirteen points of a run's way, where runs write to each other, at a lock, and
on the way to another version.

The product holds no trace of them. `arm` replaces functions of the process it is called in, which is forked for
that one death, so that nothing has to be switched off anywhere else. Each point says what is on disk by then.
"""

import functools
import json
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from flows.dsl.effects import Effect
from flows.engine.events import RunCancelled, RunFailed, RunSucceeded, StepSucceeded
from flows.engine.outcomes import Succeeded
from flows.journal import flush as flushing
from flows.journal import writer as writing
from flows.journal.rows import Batch
from flows.runtime.attempt import Attempt
from flows.runtime.claims import Claims
from flows.runtime.driver import RunDriver
from flows.runtime.locks import GRANT, Locks
from flows.runtime.moving import Moves
from flows.runtime.parcels import Parcel
from flows.runtime.relay import Relay

Met = Callable[[Iterable[Batch]], bool]
ENDS: Final = (RunSucceeded, RunFailed, RunCancelled)
CHILD_STEPS: Final = "sub_"
"""How the ids of a called flow's nodes begin."""


@dataclass(slots=True)
class Aim:
    """The point this process dies at, if any, and in whose run: 0 the one that was started, 1 one that it called."""

    point: str | None = None
    depth: int = 0

    def is_at(self, step: str) -> bool:
        """Whether a step of this key is of the run that is aimed at."""
        return step.startswith(CHILD_STEPS) == bool(self.depth)


aim = Aim()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hit(point: str, step: str) -> None:
    """For the nodes of these tests: die here if this is the point."""
    if point == aim.point and aim.is_at(step):
        die()


def arm(point: str, depth: int = 0) -> None:
    aim.point, aim.depth = point, depth
    (POINTS | BETWEEN_RUNS | AT_LOCKS | AT_MOVES)[point]()


def _around(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    setattr(owner, name, functools.partialmethod(replacement, getattr(owner, name)))


def _after_the_run_row() -> None:
    """The start is committed and nobody has seen the run."""

    async def ready(self: Any, original: Any, count: int) -> Any:
        queued = "SELECT EXISTS (SELECT 1 FROM flows_run WHERE status = 'queued' AND depth = %s)"
        cursor = await self._connection.execute(queued, (aim.depth,))
        if (await cursor.fetchone())[0]:
            die()
        return await original(self, count)

    _around(Claims, "ready", ready)


def _after_the_claim() -> None:
    """The run is ours, and not one event of it is written."""

    async def take(self: Any, original: Any, *given: Any, **values: Any) -> Any:
        taken = await original(self, *given, **values)
        if any(claimed.depth == aim.depth for claimed in taken):
            die()
        return taken

    _around(Claims, "_take", take)


def _after_the_attempt_row() -> None:
    """The attempt's start is committed, and its node was not called."""

    async def perform(self: Any, original: Any, *, alone: bool) -> Any:
        if self.command.effect is Effect.KEYED and aim.is_at(self.step):
            die()
        return await original(self, alone=alone)

    _around(Attempt, "perform", perform)


def _in_the_node() -> None:
    """The node itself says `hit`."""


def _inside_the_commit(met: Met) -> None:
    """Heads, events and what goes with them are in the transaction, and it is not committed."""
    copy, ring = flushing._copy, flushing.doorbells
    written: list[Batch] = []

    async def copied(connection: Any, batches: Any) -> None:
        await copy(connection, batches)
        written[:] = batches

    def rung(runs: Any) -> str:
        if met(written):
            die()
        written.clear()
        return ring(runs)

    flushing.AT_ONCE_ROWS = -1  # type: ignore[misc]  # one statement has no inside
    flushing._copy = copied
    flushing.doorbells = rung  # what comes before the COMMIT


def _after_the_commit(met: Met) -> None:
    """The transaction is committed, and whoever wrote it never hears so."""
    original = writing.flush

    async def flush(connection: Any, batches: Any) -> Any:
        ours = await original(connection, batches)
        if met(batches):
            die()
        return ours

    writing.flush = flush  # type: ignore[attr-defined]  # the name it is imported by


def _brings_a_result(batches: Iterable[Batch]) -> bool:
    return any(
        row.kind == "step_succeeded"
        and row.step is not None
        and row.step.rpartition("/")[2].startswith(("pay", f"{CHILD_STEPS}pay"))
        and aim.is_at(row.step)
        for batch in batches
        for row in batch.rows
    )


def _calls(batches: Iterable[Batch]) -> bool:
    """The row of the called run is made."""
    return any(batch.children for batch in batches)


def _tells(kind: str) -> Met:
    """A run writes to another: `child` from the called one, that it has ended, `cancel` to it."""
    return lambda batches: any(letter.kind == kind for batch in batches for letter in batch.letters)


def _hears(kinds: frozenset[str]) -> Met:
    """A run has read what the other wrote: the letter is consumed with the event that follows from it."""
    return lambda batches: any(
        batch.consumed and any(row.kind in kinds for row in batch.rows) and not _recalls(batch) for batch in batches
    )


def _stands_in_line(batches: Iterable[Batch]) -> bool:
    return any(batch.places for batch in batches)


def _lets_go(batches: Iterable[Batch]) -> bool:
    return any(batch.left for batch in batches)


def _hears_of_the_grant(batches: Iterable[Batch]) -> bool:
    return any(row.kind == "lock_granted" for batch in batches for row in batch.rows)


def _inside_the_grant() -> None:
    """Whoever is next has a token and a letter that tells it, in a transaction that isn't committed."""

    async def execute(self: Any, original: Any, query: Any, *given: Any, **values: Any) -> Any:
        cursor = await original(self, query, *given, **values)
        if query == GRANT:
            die()
        return cursor

    _around(psycopg.AsyncConnection, "execute", execute)


def _after_the_grant() -> None:
    """The letter is sent, and nobody has read it."""

    async def grant(self: Any, original: Any, names: Any) -> None:
        await original(self, names)
        die()

    _around(Locks, "_grant", grant)


def _moves(batches: Iterable[Batch]) -> bool:
    """A run goes over to another version: the event, its row, its snapshot and the letter that asked for it."""
    return any(batch.moved is not None for batch in batches)


def _before_the_move() -> None:
    """The letter is read and the version fits; nothing of it is written."""

    async def moved(self: Any, original: Any, put: Any) -> bool:
        return bool(await original(self, lambda event: die()))

    _around(Moves, "moved", moved)


def _recalls(batch: Batch) -> bool:
    """Whether a run that was cancelled cancels the one it called; that one recalls nobody."""
    return any(row.kind == "cancel_requested" for row in batch.rows) and any(
        letter.kind == "cancel" for letter in batch.letters
    )


def _after_the_result() -> None:
    """The result of an effect is committed, and nothing that follows from it has begun."""
    reported: list[bool] = []

    def report(self: Any, original: Any, attempt: Any, performed: Any) -> None:
        original(self, attempt, performed)
        if (
            attempt.command.effect is Effect.KEYED
            and isinstance(performed.outcome, Succeeded)
            and aim.is_at(attempt.step)
        ):
            reported.append(True)

    async def decide(self: Any, original: Any) -> None:
        if reported:
            await self._log.barrier()
            die()
        await original(self)

    _around(RunDriver, "_report", report)
    _around(RunDriver, "_decide", decide)


def _published_and_not_marked() -> None:
    """The message of the outbox is delivered, and its row doesn't say so."""

    async def deliver(self: Any, original: Any, parcel: Parcel, *given: Any) -> Any:
        failure = await original(self, parcel, *given)
        if aim.is_at(parcel.step or json.loads(parcel.payload)["step"]):
            die()
        return failure

    _around(Relay, "_deliver", deliver)


def _before_the_end() -> None:
    """All steps have ended; the run's last event, and what would be committed with it, is not written."""

    def put(self: Any, original: Any, event: Any, performed: Any = None) -> None:
        if isinstance(event, ENDS) and self._facts.depth == aim.depth:
            die()
        original(self, event, performed)

    _around(RunDriver, "_put", put)


def _while_a_timer_fires() -> None:
    """The time of a wait has come, and its event is not written."""

    def put(self: Any, original: Any, event: Any, performed: Any = None) -> None:
        if isinstance(event, StepSucceeded):
            step = self._machine.step(event.step)
            if step is not None and step.waits == ("timer", "") and self._facts.depth == aim.depth:
                die()
        original(self, event, performed)

    _around(RunDriver, "_put", put)


POINTS: Final[dict[str, Callable[[], None]]] = {
    "after the run row": _after_the_run_row,
    "after the claim": _after_the_claim,
    "after the attempt row": _after_the_attempt_row,
    "inside the node": _in_the_node,
    "after the effect": _in_the_node,
    "inside the commit": functools.partial(_inside_the_commit, _brings_a_result),
    "after the commit": functools.partial(_after_the_commit, _brings_a_result),
    "after the result": _after_the_result,
    "published, not marked": _published_and_not_marked,
    "before the end": _before_the_end,
    "before the undo's effect": _in_the_node,
    "after the undo's effect": _in_the_node,
    "while a timer fires": _while_a_timer_fires,
}
BETWEEN_RUNS: Final[dict[str, Callable[[], None]]] = {
    f"{when} {what}": functools.partial(around, met)
    for when, around in (("inside the commit of", _inside_the_commit), ("after the commit of", _after_the_commit))
    for what, met in (
        ("a call", _calls),
        ("the end that is told", _tells("child")),
        ("the end that is heard", _hears(frozenset({"step_succeeded", "step_failed"}))),
        ("the recall that is told", _tells("cancel")),
        ("the recall that is heard", _hears(frozenset({"cancel_requested"}))),
    )
}
"""What runs that call one another say to each other, at every commit on its way."""
AT_LOCKS: Final[dict[str, Callable[[], None]]] = {
    "inside the commit of a place in line": functools.partial(_inside_the_commit, _stands_in_line),
    "after the commit of a place in line": functools.partial(_after_the_commit, _stands_in_line),
    "inside the grant": _inside_the_grant,
    "after the grant": _after_the_grant,
    "inside the commit of the grant that is heard": functools.partial(_inside_the_commit, _hears_of_the_grant),
    "after the commit of the grant that is heard": functools.partial(_after_the_commit, _hears_of_the_grant),
    "after the effect": _in_the_node,
    "inside the commit of letting go": functools.partial(_inside_the_commit, _lets_go),
    "after the commit of letting go": functools.partial(_after_the_commit, _lets_go),
}
"""The way of a run through a lock: into the line, inside, and out."""
AT_MOVES: Final[dict[str, Callable[[], None]]] = {
    "before the move": _before_the_move,
    "inside the commit of the move": functools.partial(_inside_the_commit, _moves),
    "after the commit of the move": functools.partial(_after_the_commit, _moves),
}
"""The way of a run to another version of its flow; behind it whoever takes the run must read it anew."""

UNDOING: Final = ("before the undo's effect", "after the undo's effect")
EFFECTLESS: Final = ("after the run row", "after the claim", "after the attempt row", "inside the node")
"""The points at which no effect has happened yet."""
