"""fsck: a sound database is told to be sound, and each invariant's violation, planted by SQL, is named."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from flows.models import Run
from flows.operations.fsck import check
from tests.runtime.house import chain, drive, journal, publish, send, start

pytestmark = pytest.mark.django_db(transaction=True)

VALUE = {"type": "data.set", "config": {"fields": {"n": 1}}}


def sql(text: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        assert cursor.rowcount > 0, "nothing was planted"


def found(run: Run) -> list[tuple[str, str | None, int | None]]:
    return [(one.finding.rule, one.finding.step, one.finding.seq) for one in check(run.pk).faults]


def ended() -> Run:
    """A run of two steps that has ended: started, n0 began, n0 succeeded, n1 began, n1 succeeded, succeeded."""
    run = start(publish(chain(2)))
    drive()
    return run


def undone() -> Run:
    """A run whose third step failed, so that the two before were undone."""
    nodes = [{"id": "start", "type": "trigger.manual"}, *({"id": name, **VALUE} for name in ("a", "b", "ua", "ub"))]
    nodes.append({"id": "c", "type": "flow.stop", "config": {"outcome": "error", "message": "enough"}})
    edges: list[dict[str, Any]] = [{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "c"}]
    edges += [{"from": name, "to": f"u{name}", "port": "compensate"} for name in ("a", "b")]
    document = {"dsl": 1, "nodes": nodes, "edges": edges, "settings": {"on_failure": "compensate"}}
    run = start(publish(document))
    drive()
    return run


def waiting(config: dict[str, Any] | None = None) -> Run:
    run = start(publish(chain(1, {"type": "flow.wait", "config": config or {"for": "1h"}})))
    drive()
    return run


def cancelled() -> Run:
    """A run that waited and was cancelled by another executor: its letter was read."""
    run = waiting()
    send(run, "cancel", {"reason": "enough"})
    drive()
    return run


@pytest.mark.parametrize("make", [ended, undone, waiting, cancelled], ids=lambda make: make.__name__)
def test_a_sound_run_is_told_to_be_sound(make: Callable[[], Run]) -> None:
    run = make()
    assert check(run.pk).faults == []


def test_a_queued_run_is_sound() -> None:
    assert found(start(publish(chain(1)))) == []


def test_a_gap_in_the_numbers_is_named() -> None:
    run = ended()
    sql("UPDATE flows_event SET seq = seq + 1 WHERE run_id = %s AND seq = 6", run.pk)
    assert ("numbering", None, 7) in found(run)


def test_a_row_that_stands_elsewhere_than_its_journal_is_named() -> None:
    run = ended()
    sql("UPDATE flows_run SET seq = 9 WHERE id = %s", run.pk)
    assert found(run) == [("numbering", None, None)]


def test_a_write_below_the_fence_is_named() -> None:
    run = cancelled()
    marks = "SELECT seq FROM flows_event WHERE run_id = %s AND data LIKE '{\"fence\":2%%' ORDER BY seq LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(marks, [run.pk])
        ((seq,),) = cursor.fetchall()
    sql(
        "UPDATE flows_event SET data = replace(data, '\"fence\":2', '\"fence\":0') WHERE run_id = %s AND seq = %s",
        run.pk,
        seq,
    )
    assert [one[0] for one in found(run)] == ["fence"]


def test_a_journal_written_under_a_fence_that_was_never_given_is_named() -> None:
    run = ended()
    sql("UPDATE flows_run SET fence = 0 WHERE id = %s", run.pk)
    assert found(run) == [("fence", None, None)]


def twice(run: Run, seq: int) -> None:
    """Plant the event at this seq a second time, right behind itself."""
    if seq < 6:
        sql("UPDATE flows_event SET seq = -seq WHERE run_id = %s AND seq > %s", run.pk, seq)
    columns = "SELECT run_id, seq + 1, kind, step, at, data FROM flows_event WHERE run_id = %s AND seq = %s"
    sql(f"INSERT INTO flows_event (run_id, seq, kind, step, at, data) {columns}", run.pk, seq)
    if seq < 6:
        sql("UPDATE flows_event SET seq = 1 - seq WHERE run_id = %s AND seq < 0", run.pk)
    sql("UPDATE flows_run SET seq = 7 WHERE id = %s", run.pk)


def test_a_second_result_of_an_attempt_is_named() -> None:
    run = ended()
    twice(run, 5)
    assert ("one_result", "n1", 6) in found(run)


def test_a_step_that_began_before_its_inputs_is_named() -> None:
    run = ended()
    sql("UPDATE flows_event SET step = 'n1' WHERE run_id = %s AND step = 'n0' AND seq IN (2, 3)", run.pk)
    assert ("inputs_first", "n1", 2) in found(run)


def test_what_follows_the_end_is_named() -> None:
    run = ended()
    twice(run, 6)
    assert ("after_the_end", None, 7) in found(run)


def test_a_journal_that_cannot_be_folded_is_named() -> None:
    run = ended()
    sql("UPDATE flows_event SET step = 'nowhere' WHERE run_id = %s AND seq = 3", run.pk)
    assert ("fold", "nowhere", 3) in found(run)


def test_undoing_out_of_order_is_named() -> None:
    run = undone()
    assert next(event.step for event in journal(run) if event.step in ("ua", "ub")) == "ub"
    sql(
        "UPDATE flows_event SET step = CASE step WHEN 'ua' THEN 'ub' WHEN 'ub' THEN 'ua' WHEN 'a' THEN 'b' ELSE 'a' END "
        "WHERE run_id = %s AND (step IN ('ua', 'ub') OR kind = 'step_compensated')",
        run.pk,
    )
    assert "compensation" in [rule for rule, _, _ in found(run)]


def test_a_step_that_was_never_undone_is_named() -> None:
    run = undone()
    sql("DELETE FROM flows_event WHERE run_id = %s AND kind = 'step_compensated' AND step = 'a'", run.pk)
    sentences = [one.finding.sentence for one in check(run.pk).faults]
    assert "the run ended and these were completed and never undone: a" in sentences


@pytest.mark.parametrize(
    "change",
    ["status = 'running'", "finished_at = now()", "output = '3'"],
    ids=["status", "end", "output"],
)
def test_a_column_that_says_other_than_the_journal_is_named(change: str) -> None:
    run = ended()
    sql(f"UPDATE flows_run SET {change} WHERE id = %s", run.pk)
    assert "projection" in [rule for rule, _, _ in found(run)]


def test_another_error_than_the_journals_is_named() -> None:
    run = undone()
    sql("UPDATE flows_run SET error = '{}' WHERE id = %s", run.pk)
    assert found(run) == [("projection", None, None)]


@pytest.mark.parametrize("change", ["wake_at = NULL", "wake_at = wake_at + interval '1 hour'"], ids=["never", "late"])
def test_a_run_that_nothing_will_wake_in_time_is_named(change: str) -> None:
    run = waiting()
    sql(f"UPDATE flows_run SET {change} WHERE id = %s", run.pk)
    assert found(run) == [("parked", None, None)]


def test_a_run_that_belongs_to_nobody_known_is_named() -> None:
    run = waiting()
    sql("UPDATE flows_run SET owner = %s WHERE id = %s", uuid4(), run.pk)
    assert found(run) == [("parked", None, None)]


def test_a_run_with_something_to_do_that_nobody_takes_is_named() -> None:
    run = cancelled()
    sql("DELETE FROM flows_event WHERE run_id = %s AND seq > 4", run.pk)
    sql("UPDATE flows_run SET status = 'waiting', seq = 4, finished_at = NULL WHERE id = %s", run.pk)
    assert ("parked", None, None) in found(run)


def test_a_letter_that_was_consumed_and_never_journaled_is_named() -> None:
    run = waiting()
    send(run, "cancel")
    sql("UPDATE flows_inbox SET consumed_at = now() WHERE run_id = %s", run.pk)
    sql("UPDATE flows_run SET mail = 0 WHERE id = %s", run.pk)
    assert found(run) == [("inbox", None, None)]


def test_a_letter_that_was_consumed_twice_is_named() -> None:
    run = cancelled()
    sql("UPDATE flows_inbox SET consumed_at = NULL WHERE run_id = %s", run.pk)
    assert [rule for rule, _, _ in found(run)] == ["inbox", "inbox"]


def undone_badly() -> Run:
    """A run whose undo failed, which raises an alert."""
    nodes: list[dict[str, Any]] = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "a", **VALUE},
        {"id": "b", "type": "flow.stop", "config": {"outcome": "error"}},
        {"id": "u", "type": "data.transform", "config": {"value": "{{ 1 / 0 }}"}},
    ]
    edges = [{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "a", "to": "u", "port": "compensate"}]
    run = start(publish({"dsl": 1, "nodes": nodes, "edges": edges, "settings": {"on_failure": "compensate"}}))
    drive()
    return run


@pytest.mark.parametrize("table", ["outbox", "alert"])
def test_an_alert_that_was_never_told_is_named(table: str) -> None:
    run = undone_badly()
    assert check(run.pk).faults == []
    sql("DELETE FROM flows_delivery")
    sql(f"DELETE FROM flows_{table} WHERE run_id = %s", run.pk)
    assert found(run) == [("outbox", None, None)]


def test_a_message_about_nothing_that_happened_is_named() -> None:
    run = ended()
    sql(
        "INSERT INTO flows_outbox (id, run_id, topic, key, payload, created_at) "
        'VALUES (%s, %s, \'alert\', \'\', \'{"step":"n1","reason":"critical"}\', now())',
        uuid4(),
        run.pk,
    )
    assert found(run) == [("outbox", None, None)]


def test_a_document_that_is_gone_is_named() -> None:
    run = ended()
    sql("UPDATE flows_run SET document_hash = 'gone' WHERE id = %s", run.pk)
    assert found(run) == [("document", None, None)]


def test_the_command_says_what_is_wrong_and_fails() -> None:
    run = ended()
    sql("UPDATE flows_run SET status = 'running', seq = 9 WHERE id = %s", run.pk)
    out = StringIO()
    with pytest.raises(CommandError, match="faults"):
        call_command("flow", "fsck", "--run", str(run.pk), stdout=out)
    assert f"run {run.pk}: its row stands at seq 9, its journal at 6 [numbering]" in out.getvalue()


def test_the_command_tells_a_sound_database_by_its_exit_code_and_as_json() -> None:
    ended()
    out = StringIO()
    call_command("flow", "fsck", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"runs": 1, "events": 6, "faults": []}


def test_a_run_that_is_not_there_is_no_sound_run() -> None:
    with pytest.raises(CommandError, match="no run"):
        call_command("flow", "fsck", "--run", str(uuid4()), stdout=StringIO())
