"""fsck looks after runs that call one another: what one waits for, was told and gave stands in both, or it is named."""

from collections.abc import Callable

import pytest

from flows.models import Run
from flows.operations import steering
from flows.operations.actor import system
from flows.operations.fsck import check
from tests.operations.test_fsck import sql
from tests.runtime.house import drive
from tests.runtime.test_calls import DOUBLE, FAILS, WAITS, asked, calling, child_of, driven, flow_of, parked

pytestmark = pytest.mark.django_db(transaction=True)


def found(run: Run) -> list[tuple[str, str | None, str]]:
    return [(one.finding.rule, one.finding.step, one.finding.sentence) for one in check(run.pk).faults]


def answered() -> Run:
    flow_of(DOUBLE, name="child")
    return driven(asked(calling()))


def refused() -> Run:
    flow_of(FAILS, name="child")
    return driven(asked(calling()))


def waiting() -> Run:
    flow_of(WAITS, name="child")
    return parked(asked(calling()))


def sent() -> Run:
    """It doesn't wait for the one it called."""
    flow_of(WAITS, name="child")
    return driven(asked(calling(wait=False)))


def timed_out() -> Run:
    """Its child was told to end, and may not have heard yet."""
    flow_of(WAITS, name="child")
    return driven(asked(calling() | {"timeout": "200ms"}))


def cancelled() -> Run:
    run = waiting()
    steering.cancel(system(run.workspace_id, "boss"), run.pk)
    return driven(run)


def told() -> Run:
    """Its child has ended, and the letter that says so is unread."""
    run = waiting()
    child = child_of(run)
    Run.objects.filter(pk=run.pk).update(queue="elsewhere")
    steering.cancel(system(run.workspace_id, "boss"), child.pk)
    while child.finished_at is None:
        drive()
        child.refresh_from_db()
    run.refresh_from_db()
    assert run.status == "waiting"
    return run


WAYS: list[Callable[[], Run]] = [answered, refused, waiting, sent, timed_out, cancelled, told]


@pytest.mark.parametrize("make", WAYS, ids=lambda make: make.__name__)
def test_sound_calls_are_told_to_be_sound(make: Callable[[], Run]) -> None:
    run = make()
    assert [*found(run), *found(child_of(run))] == []


@pytest.mark.parametrize(
    ("make", "planted", "sentence"),
    [
        (waiting, "WITH gone AS (DELETE FROM flows_event WHERE run_id = {child}) DELETE FROM flows_run WHERE id = {child}", "which is not there"),
        (waiting, "UPDATE flows_run SET status = 'succeeded', finished_at = now() WHERE id = {child}", "no letter tells it"),
        (waiting, "UPDATE flows_run SET awaited = false WHERE id = {child}", "will tell nobody of its end"),
        (waiting, "UPDATE flows_run SET status = 'failed' WHERE id = {run}", "has ended, and it still waits"),
        (waiting, "UPDATE flows_run SET parent_step = 'other' WHERE id = {child}", "the journal knows nothing of that"),
        (sent, "UPDATE flows_event SET data = replace(data, 'run', 'ran') WHERE run_id = {run} AND kind = 'step_succeeded'", "the journal knows nothing of that"),
        (told, "DELETE FROM flows_inbox WHERE run_id = {run}", "no letter tells it"),
        (answered, "UPDATE flows_run SET output = '43' WHERE id = {child}", "its output is not that of the run"),
        (answered, "UPDATE flows_run SET status = 'failed' WHERE id = {child}", "it has the output of the run"),
        (refused, "UPDATE flows_run SET status = 'succeeded' WHERE id = {child}", "it failed by the run"),
        (timed_out, "DELETE FROM flows_inbox WHERE run_id = {child}", "goes on and was never cancelled"),
    ],
    ids=range(11),
)  # fmt: skip
def test_what_was_planted_is_named(make: Callable[[], Run], planted: str, sentence: str) -> None:
    run = make()
    child = child_of(run)
    if "was never cancelled" in sentence:
        Run.objects.filter(pk=child.pk).update(status="waiting", finished_at=None)
    sql(planted.format(run=f"'{run.pk}'", child=f"'{child.pk}'"))
    assert any(rule == "calls" and sentence in one for rule, _, one in found(run)), found(run)


def test_a_called_run_that_was_purged_after_its_end_is_no_fault() -> None:
    run = answered()
    child = child_of(run)
    sql("DELETE FROM flows_event WHERE run_id = %s", child.pk)
    sql("DELETE FROM flows_run WHERE id = %s", child.pk)
    assert found(run) == []
