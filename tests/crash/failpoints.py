"""Where a process can be made to die: at thirteen points of a run's way, one at a time.

The product holds no trace of them. `arm` replaces functions of the process it is called in, which is forked for
that one death, so that nothing has to be switched off anywhere else. Each point says what is on disk by then.
"""

import functools
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any, Final

from flows.dsl.effects import Effect
from flows.engine.events import RunCancelled, RunFailed, RunSucceeded, StepSucceeded
from flows.engine.outcomes import Succeeded
from flows.journal import flush as flushing
from flows.journal import writer as writing
from flows.journal.rows import Batch
from flows.runtime.attempt import Attempt
from flows.runtime.claims import Claims
from flows.runtime.driver import RunDriver
from flows.runtime.relay import Relay

ENDS: Final = (RunSucceeded, RunFailed, RunCancelled)
armed: list[str] = []
"""The point this process dies at; empty in all others."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hit(point: str) -> None:
    """For the nodes of these tests: die here if this is the point."""
    if point in armed:
        die()


def arm(point: str) -> None:
    armed.append(point)
    POINTS[point]()


def _around(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    setattr(owner, name, functools.partialmethod(replacement, getattr(owner, name)))


def _after_the_run_row() -> None:
    """The start is committed and nobody has seen the run."""

    async def ready(self: Any, original: Any, count: int) -> Any:
        cursor = await self._connection.execute("SELECT EXISTS (SELECT 1 FROM flows_run WHERE status = 'queued')")
        if (await cursor.fetchone())[0]:
            die()
        return await original(self, count)

    _around(Claims, "ready", ready)


def _after_the_claim() -> None:
    """The run is ours, and not one event of it is written."""

    async def take(self: Any, original: Any, *given: Any, **values: Any) -> Any:
        taken = await original(self, *given, **values)
        if taken:
            die()
        return taken

    _around(Claims, "_take", take)


def _after_the_attempt_row() -> None:
    """The attempt's start is committed, and its node was not called."""

    async def perform(self: Any, original: Any, *, alone: bool) -> Any:
        if self.command.effect is Effect.KEYED:
            die()
        return await original(self, alone=alone)

    _around(Attempt, "perform", perform)


def _in_the_node() -> None:
    """The node itself says `hit`."""


def _inside_the_commit() -> None:
    """Heads and events are in the transaction, and it is not committed."""
    original = flushing._beside

    async def beside(connection: Any, batches: Any) -> None:
        await original(connection, batches)
        if _brings_a_result(batches):
            die()

    flushing._beside = beside


def _after_the_commit() -> None:
    """The transaction is committed, and whoever wrote it never hears so."""
    original = writing.flush

    async def flush(connection: Any, batches: Any) -> Any:
        ours = await original(connection, batches)
        if _brings_a_result(batches):
            die()
        return ours

    writing.flush = flush  # type: ignore[attr-defined]  # the name it is imported by


def _brings_a_result(batches: Iterable[Batch]) -> bool:
    return any(
        row.kind == "step_succeeded" and row.step is not None and row.step.startswith("pay")
        for batch in batches
        for row in batch.rows
    )


def _after_the_result() -> None:
    """The result of an effect is committed, and nothing that follows from it has begun."""
    reported: list[bool] = []

    def report(self: Any, original: Any, attempt: Any, performed: Any) -> None:
        original(self, attempt, performed)
        if attempt.command.effect is Effect.KEYED and isinstance(performed.outcome, Succeeded):
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

    def deliver(self: Any, original: Any, *given: Any) -> Any:
        failure = original(self, *given)
        die()
        return failure

    _around(Relay, "_deliver", deliver)


def _before_the_end() -> None:
    """All steps have ended; the run's last event, and what would be committed with it, is not written."""

    def put(self: Any, original: Any, event: Any, performed: Any = None) -> None:
        if isinstance(event, ENDS):
            die()
        original(self, event, performed)

    _around(RunDriver, "_put", put)


def _while_a_timer_fires() -> None:
    """The time of a wait has come, and its event is not written."""

    def put(self: Any, original: Any, event: Any, performed: Any = None) -> None:
        if isinstance(event, StepSucceeded):
            step = self._machine.step(event.step)
            if step is not None and step.waits == ("timer", ""):
                die()
        original(self, event, performed)

    _around(RunDriver, "_put", put)


POINTS: Final[dict[str, Callable[[], None]]] = {
    "after the run row": _after_the_run_row,
    "after the claim": _after_the_claim,
    "after the attempt row": _after_the_attempt_row,
    "inside the node": _in_the_node,
    "after the effect": _in_the_node,
    "inside the commit": _inside_the_commit,
    "after the commit": _after_the_commit,
    "after the result": _after_the_result,
    "published, not marked": _published_and_not_marked,
    "before the end": _before_the_end,
    "before the undo's effect": _in_the_node,
    "after the undo's effect": _in_the_node,
    "while a timer fires": _while_a_timer_fires,
}
UNDOING: Final = ("before the undo's effect", "after the undo's effect")
EFFECTLESS: Final = ("after the run row", "after the claim", "after the attempt row", "inside the node")
"""The points at which no effect has happened yet."""
