"""A run that can't be written is set aside: it alone, for people to look at, and nothing of it is written after that."""

import asyncio

import pytest

from flows.journal import flush as flushing
from flows.journal.connection import connect
from flows.journal.errors import RunLost, Unwritable
from flows.journal.log import RunLog
from flows.journal.rows import Row
from flows.journal.writer import Writer
from flows.models import Alert, Run
from tests.journal.test_writer import STARTED, Shown, taken, writing
from tests.runtime.house import kinds

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_value_the_database_refuses_is_found_and_its_run_alone_set_aside() -> None:
    runs = [taken() for _ in range(5)]

    async def scenario(writer: Writer) -> None:
        logs = [writer.open(Shown(), run.pk, 1, 0) for run in runs]
        for log in logs:
            log.put(STARTED)
        _spoil(logs[3])
        answers = await asyncio.gather(*(log.barrier() for log in logs), return_exceptions=True)
        assert [type(answer) for answer in answers] == [type(None)] * 3 + [Unwritable, type(None)]

    writing(scenario)
    assert [len(kinds(run)) for run in runs] == [1, 1, 1, 0, 1]
    aside = Run.objects.get(pk=runs[3].pk)
    assert (aside.status, aside.owner, aside.seq) == ("paused", None, 0)
    assert "journal_refused" in aside.error
    assert Alert.objects.get().run_id == aside.pk


def test_what_was_still_to_be_written_of_a_run_set_aside_is_refused() -> None:
    run = taken()

    async def scenario(writer: Writer) -> None:
        connection = await connect("test")
        log = writer.open(Shown(), run.pk, 1, 0)
        await flushing.set_aside(connection, run.pk, 1, "broken", "it can't go on")
        log.put(STARTED)
        with pytest.raises(RunLost):
            await log.barrier()
        await connection.close()

    writing(scenario)
    aside = Run.objects.get(pk=run.pk)
    assert (aside.status, aside.owner, aside.seq, kinds(run)) == ("paused", None, 0, [])


def _spoil(log: RunLog) -> None:
    """Queue what could not have come through the codec."""
    log._rows[0] = Row(1, "run_started", None, 2**70, "{}")  # there is no lawful way
