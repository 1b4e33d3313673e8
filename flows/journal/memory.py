"""A journal in memory with the writer's interface, for tests and for drivers without a database.

It keeps the writer's promises that can be kept in memory: one flush at a time, a fence and an expected seq per
run, refusal of one run alone, and what was taken is gone from the log whether or not it was accepted.
"""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from flows.journal.errors import RunLost
from flows.journal.log import RunLog, Source, refuse
from flows.journal.rows import (
    AlertRow,
    ChildRow,
    FailedItemsRow,
    LetterRow,
    Message,
    Payload,
    Projection,
    Row,
    SnapshotRow,
)


@dataclass(slots=True)
class Kept:
    """One run as the database would hold it."""

    fence: int = 0
    seq: int = 0
    rows: list[Row] = field(default_factory=list)
    projection: Projection | None = None
    snapshot: SnapshotRow | None = None
    consumed: list[UUID] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    alerts: list[AlertRow] = field(default_factory=list)
    children: list[ChildRow] = field(default_factory=list)
    letters: list[LetterRow] = field(default_factory=list)
    given_up: list[FailedItemsRow] = field(default_factory=list)


class MemoryJournal:
    """`open` a log, put events, await its barrier; `runs` and `payloads` show what was kept."""

    def __init__(self) -> None:
        self.runs: dict[UUID, Kept] = {}
        self.payloads: dict[str, Payload] = {}
        self.flushes = 0
        self._dirty: list[RunLog] = []

    def open(self, source: Source, run: UUID, fence: int, seq: int) -> RunLog:
        """The log of a run; a run not known yet is made, at this fence and seq."""
        self.runs.setdefault(run, Kept(fence=fence, seq=seq))
        return RunLog(self, source, run, fence, seq)

    def dirty(self, log: RunLog) -> None:
        self._dirty.append(log)

    def hurry(self) -> None:
        asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Keep what is queued."""
        dirty, self._dirty = self._dirty, []
        self.flushes += bool(dirty)
        for log in dirty:
            self._keep(log)

    def _keep(self, log: RunLog) -> None:
        batch, waiters = log.take()
        kept = self.runs[batch.run]
        if (kept.fence, kept.seq) != (batch.fence, batch.was):
            lost = RunLost(run=str(batch.run))
            log.fail(lost)
            for waiter in waiters:
                refuse(waiter, lost)
            return
        kept.rows += batch.rows
        kept.seq = batch.seq
        kept.projection = batch.projection
        kept.snapshot = batch.snapshot or kept.snapshot
        kept.consumed += batch.consumed
        kept.messages += batch.messages
        kept.alerts += batch.alerts
        kept.children += batch.children
        kept.letters += batch.letters
        kept.given_up += batch.given_up
        self.payloads |= {payload.hash: payload for payload in batch.payloads}
        log.settled(batch)
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
