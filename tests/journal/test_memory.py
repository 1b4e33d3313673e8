"""The journal in memory keeps the writer's promises, so that a driver can be tested without a server."""

import asyncio
from uuid import uuid4

import pytest

from flows.engine.events import RunStarted, StepStarted
from flows.journal import log as logs
from flows.journal.errors import RunLost
from flows.journal.memory import MemoryJournal
from flows.journal.rows import Projection, SnapshotRow

STARTED = RunStarted(at=1, input={}, trigger="start")


class Shown:
    def projection(self) -> Projection:
        return Projection(status="running")

    def snapshot(self) -> SnapshotRow | None:
        return None


def test_what_is_behind_a_barrier_is_kept_in_order() -> None:
    async def scenario() -> None:
        journal, run = MemoryJournal(), uuid4()
        log = journal.open(Shown(), run, 1, 0)
        log.put(STARTED)
        log.put(StepStarted(at=2, step="a", attempt=1, seed=1))
        assert not log.is_settled
        await log.barrier()
        assert log.is_settled
        assert [row.seq for row in journal.runs[run].rows] == [1, 2]
        assert journal.flushes == 1
        await log.barrier()  # nothing new: nothing is flushed
        assert journal.flushes == 1

    asyncio.run(scenario())


def test_who_writes_faster_than_the_journal_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "BACKLOG", 3)

    async def scenario() -> None:
        journal, run = MemoryJournal(), uuid4()
        log = journal.open(Shown(), run, 1, 0)
        for at in range(4):
            assert log.seq - log.committed == at
            await log.keep_up()
            assert log.seq - log.committed == at, "a few may wait"
            log.put(StepStarted(at=at, step="a", attempt=1, seed=1))
        await log.keep_up()
        assert log.is_settled
        assert journal.flushes == 1

    asyncio.run(scenario())


def test_a_stale_fence_is_refused_for_good() -> None:
    async def scenario() -> None:
        journal, run = MemoryJournal(), uuid4()
        log = journal.open(Shown(), run, 1, 0)
        journal.runs[run].fence = 2
        log.put(STARTED)
        with pytest.raises(RunLost):
            await log.barrier()
        with pytest.raises(RunLost):
            await log.barrier()
        assert journal.runs[run].rows == []

    asyncio.run(scenario())
