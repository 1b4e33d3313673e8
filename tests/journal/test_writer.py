"""The writer on PostgreSQL: what stands together, who is refused, and what a failure means."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from flows.engine.events import RunStarted, StepStarted, StepSucceeded
from flows.journal import flush as flushing
from flows.journal.connection import connect, connect_sync
from flows.journal.errors import RunLost
from flows.journal.flush import CHUNK, MAX_CHUNKS, copy_text, doorbells
from flows.journal.rows import AlertRow, Message, Payload, Projection, SnapshotRow
from flows.journal.writer import Writer
from flows.models import Alert, Event, Inbox, Outbox, Run, Snapshot
from flows.models import Payload as PayloadRow
from tests.runtime.house import chain, kinds, publish, send, start

pytestmark = pytest.mark.django_db(transaction=True)

STARTED = RunStarted(at=1, input={}, trigger="start")


@pytest.fixture(autouse=True, params=[flushing.AT_ONCE_ROWS, -1], ids=["one statement", "copy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few events are written by one statement, many by COPY: both hold all that is said here."""
    monkeypatch.setattr(flushing, "AT_ONCE_ROWS", request.param)


class Shown:
    """A driver that only shows a projection."""

    def __init__(self, **shown: Any) -> None:
        self.shown = Projection(**({"status": "running"} | shown))
        self.kept: SnapshotRow | None = None

    def projection(self) -> Projection:
        return self.shown

    def snapshot(self) -> SnapshotRow | None:
        kept, self.kept = self.kept, None
        return kept


def writing(
    scenario: Callable[[Writer], Coroutine[Any, Any, None]], connecting: Any = connect, is_entitled: Any = None
) -> None:
    async def run() -> None:
        writer = Writer(connecting, is_entitled=is_entitled)
        writer.start()
        try:
            await scenario(writer)
        finally:
            await writer.stop()

    asyncio.run(run())


def taken(fence: int = 1, **fields: Any) -> Run:
    return start(publish(chain(1)), fence=fence, status="running", owner=uuid4(), **fields)


def test_events_columns_and_what_goes_with_them_stand_together() -> None:
    run = taken()
    send(run, "signal", {"x": 1}, name="paid")
    letter = Inbox.objects.get().pk
    shown = Shown(status="waiting", wake_at=90_000_000, started_at=1, let_go=True, careful=True)
    shown.kept = SnapshotRow(seq=2, codec=1, data=b"{}")

    async def scenario(writer: Writer) -> None:
        log = writer.open(shown, run.pk, 1, 0)
        log.put(STARTED)
        log.put(StepStarted(at=2, step="n0", attempt=1, seed=3))
        log.keep(Payload(hash="h", data=b"[1]"))
        log.consume(letter)
        log.send(Message(topic="alert", key="k", payload="{}"))
        log.alert(AlertRow(step="n0", code="critical", message="look"))
        await log.barrier()
        assert log.is_settled

    writing(scenario)
    run.refresh_from_db()
    assert (run.seq, run.status, run.owner, run.mail, run.careful) == (2, "waiting", None, 0, True)
    assert run.wake_at.timestamp() == 90
    assert kinds(run) == ["run_started", "step_started"]
    assert Event.objects.get(run=run, seq=2).at == 2
    assert Snapshot.objects.get().seq == 2
    assert bytes(PayloadRow.objects.get().data) == b"[1]"
    assert Outbox.objects.get().run_id == run.pk
    assert (Alert.objects.get().flow_id, Alert.objects.get().code) == (run.flow_id, "critical")
    assert Inbox.objects.get().consumed_at is not None


def test_a_zombies_write_is_refused_and_nobody_elses() -> None:
    mine, lost = taken(), taken(fence=2)

    async def scenario(writer: Writer) -> None:
        good, bad = writer.open(Shown(), mine.pk, 1, 0), writer.open(Shown(), lost.pk, 1, 0)
        good.put(STARTED)
        bad.put(STARTED)
        bad.send(Message(topic="alert", key="", payload="{}"))
        answers = await asyncio.gather(good.barrier(), bad.barrier(), return_exceptions=True)
        assert answers[0] is None
        assert isinstance(answers[1], RunLost)
        with pytest.raises(RunLost):
            await bad.barrier()

    writing(scenario)
    assert kinds(mine) == ["run_started"]
    assert kinds(lost) == []
    assert not Outbox.objects.exists()


def test_an_unexpected_seq_is_refused() -> None:
    run = taken(seq=5)

    async def scenario(writer: Writer) -> None:
        log = writer.open(Shown(), run.pk, 1, 4)
        log.put(STARTED)
        with pytest.raises(RunLost):
            await log.barrier()

    writing(scenario)


def test_nobody_needs_to_ask_for_a_flush() -> None:
    run = taken()

    async def scenario(writer: Writer) -> None:
        log = writer.open(Shown(), run.pk, 1, 0)
        log.put(STARTED)
        while not log.is_settled:
            await asyncio.sleep(0.005)

    writing(scenario)
    assert kinds(run) == ["run_started"]


def test_who_asks_while_all_is_being_written_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    run = taken()

    async def scenario(writer: Writer) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def held(connection: Any, batches: Any) -> set[UUID]:
            begun.set()
            await go_on.wait()
            return await flushing.flush(connection, batches)

        monkeypatch.setattr("flows.journal.writer.flush", held)
        log = writer.open(Shown(), run.pk, 1, 0)
        log.put(STARTED)
        await begun.wait()
        asked = asyncio.ensure_future(log.barrier())
        await asyncio.sleep(0)
        assert not asked.done()
        go_on.set()
        async with asyncio.timeout(30):
            await asked
        assert log.is_settled

    writing(scenario)
    assert kinds(run) == ["run_started"]


def test_many_runs_are_one_commit() -> None:
    runs = [taken() for _ in range(20)]

    async def scenario(writer: Writer) -> None:
        connection = await connect("test")
        logs = [writer.open(Shown(), run.pk, 1, 0) for run in runs]
        for log in logs:
            log.put(STARTED)
        await asyncio.gather(*(log.barrier() for log in logs))
        heads = await connection.execute("SELECT count(DISTINCT xmin::text) FROM flows_run")
        assert (await heads.fetchone()) == (1,)
        await connection.close()

    writing(scenario)


class Cut:
    """Connections of which one loses the answer to a commit, before or after it took effect."""

    def __init__(self, *, after: bool) -> None:
        self.after = after
        self.opened = 0

    async def __call__(self, name: str) -> psycopg.AsyncConnection[Any]:
        connection = await connect(name)
        self.opened += 1
        if self.opened == 1:
            self._spoil(connection)
        return connection

    def _spoil(self, connection: Any) -> None:
        execute = connection.execute

        async def losing(query: Any, *args: Any, **given: Any) -> Any:
            if query != flushing.AT_ONCE and not str(query).endswith("COMMIT"):
                return await execute(query, *args, **given)
            if self.after:
                await execute(query, *args, **given)
            await connection.close()
            raise psycopg.OperationalError("the connection is lost")

        connection.execute = losing


@pytest.mark.parametrize("beside", [True, False], ids=["with a message", "events alone"])
def test_of_two_ends_of_one_run_in_one_flush_the_late_one_alone_is_refused(*, beside: bool) -> None:
    """A process that lost a run and took it again may have both, and the late one rows that nobody else has."""
    run = taken(fence=3)

    async def scenario(writer: Writer) -> None:
        late, ours = writer.open(Shown(), run.pk, 1, 0), writer.open(Shown(status="waiting"), run.pk, 3, 0)
        late.put(STARTED)
        if beside:
            late.send(Message(topic="alert", key="", payload="{}"))
        ours.touch()
        answers = await asyncio.gather(late.barrier(), ours.barrier(), return_exceptions=True)
        assert isinstance(answers[0], RunLost)
        assert answers[1] is None

    writing(scenario)
    run.refresh_from_db()
    assert (run.seq, run.status, kinds(run)) == (0, "waiting", [])
    assert not Outbox.objects.exists()


def test_a_letter_that_meant_nothing_counts_once_when_the_answer_to_its_commit_is_lost() -> None:
    """A batch without events looks as if it had not been written, and is written again."""
    run = taken()
    send(run, "resume")
    send(run, "pause")
    first = Inbox.objects.order_by("pk").first()
    assert first is not None

    async def scenario(writer: Writer) -> None:
        log = writer.open(Shown(), run.pk, 1, 0)
        log.consume(first.pk)
        log.touch()
        await log.barrier()

    cut = Cut(after=True)
    writing(scenario, cut)
    run.refresh_from_db()
    assert cut.opened >= 2
    assert (run.mail, Inbox.objects.filter(consumed_at=None).count()) == (1, 1)


@pytest.mark.parametrize("after", [True, False], ids=["committed", "not committed"])
def test_a_commit_whose_answer_was_lost_is_neither_lost_nor_doubled(after: bool) -> None:
    run, other = taken(), taken(fence=9)
    cut = Cut(after=after)

    async def scenario(writer: Writer) -> None:
        log, bad = writer.open(Shown(), run.pk, 1, 0), writer.open(Shown(), other.pk, 1, 0)
        log.put(STARTED)
        bad.put(STARTED)
        answers = await asyncio.gather(log.barrier(), bad.barrier(), return_exceptions=True)
        assert answers[0] is None
        assert isinstance(answers[1], RunLost)
        log.put(StepStarted(at=2, step="n0", attempt=1, seed=3))
        await log.barrier()

    writing(scenario, cut)
    assert cut.opened >= 2
    assert kinds(run) == ["run_started", "step_started"]


@pytest.mark.parametrize("outlived", [True, False], ids=["the lease outlived it", "the lease went with it"])
def test_after_its_connection_was_lost_it_writes_only_while_the_lease_stands(outlived: bool) -> None:
    """A server that crashed may have forgotten the claim, and given the same fence to another."""
    run, later = taken(), taken()
    cut = Cut(after=False)

    async def is_entitled() -> bool:
        return outlived

    async def scenario(writer: Writer) -> None:
        first, second = writer.open(Shown(), run.pk, 1, 0), writer.open(Shown(), later.pk, 1, 0)
        answers = []
        for log in (first, second):
            log.put(STARTED)
            answers += await asyncio.gather(log.barrier(), return_exceptions=True)
        assert [isinstance(answer, RunLost) for answer in answers] == [not outlived] * 2

    writing(scenario, cut, is_entitled)
    assert kinds(run) == kinds(later) == (["run_started"] if outlived else [])


def test_a_transaction_the_server_ended_because_it_fell_silent_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    run = taken()
    monkeypatch.setattr(flushing, "AT_ONCE_ROWS", -1)
    monkeypatch.setattr("flows.journal.writer.SESSION", "SET idle_in_transaction_session_timeout = '50ms'")
    silences = iter([1.0])

    def silent(batches: Any) -> bytes:
        time.sleep(next(silences, 0.0))  # as a process that is stopped in mid-transaction
        return copy_text(batches)

    monkeypatch.setattr("flows.journal.flush.copy_text", silent)

    async def scenario(writer: Writer) -> None:
        log = writer.open(Shown(), run.pk, 1, 0)
        log.put(STARTED)
        async with asyncio.timeout(30):
            await log.barrier()

    writing(scenario)
    assert next(silences, None) is None
    assert kinds(run) == ["run_started"]


def test_letting_go_needs_no_event() -> None:
    run = taken(seq=3)

    async def scenario(writer: Writer) -> None:
        log = writer.open(Shown(status="waiting", let_go=True), run.pk, 1, 3)
        log.touch()
        await log.barrier()

    writing(scenario)
    run.refresh_from_db()
    assert (run.owner, run.status, run.seq) == (None, "waiting", 3)


def test_text_with_backslashes_and_line_ends_comes_back_to_the_byte() -> None:
    run = taken()
    event = StepSucceeded(at=1, step="n0", output={"path": 'C:\\new\ttab\nline "q" \\N \\.', "k": "물길"})

    async def scenario(writer: Writer) -> None:
        log = writer.open(Shown(), run.pk, 1, 0)
        log.put(event)
        await log.barrier()

    writing(scenario)
    with connect_sync("test") as connection:
        row = connection.execute("SELECT data FROM flows_event").fetchone()
    assert row is not None
    assert Event.objects.get().data == row[0]
    assert '"C:\\\\new\\ttab\\nline' in row[0]


def test_each_commit_rings_for_its_runs() -> None:
    run = taken()
    heard = []

    async def scenario(writer: Writer) -> None:
        listening = await connect("test")
        await listening.execute("LISTEN mulgil_runs")
        log = writer.open(Shown(), run.pk, 1, 0)
        log.put(STARTED)
        await log.barrier()
        heard.extend([note.payload async for note in listening.notifies(timeout=5, stop_after=1)])
        await listening.close()

    writing(scenario)
    assert heard == [str(run.pk)]


def test_doorbells_stay_under_what_a_notify_carries() -> None:
    runs = [UUID(int=n) for n in range(2 * CHUNK + 1)]
    bells = doorbells(runs).split(";")[:-1]
    assert len(bells) == 3
    assert all(len(bell) < 7_500 + 30 for bell in bells)
    assert doorbells([UUID(int=n) for n in range(CHUNK * MAX_CHUNKS + 1)]) == "NOTIFY mulgil_runs, '*';"
    assert doorbells([]) == ""
