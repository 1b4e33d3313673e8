"""fsck looks after approvals: what is asked, decided and over stands in the row as in the journal, or it is named."""

from typing import Any

import pytest

from flows.models import Approval, Run
from flows.operations import steering
from flows.operations.approvals import decide
from flows.operations.fsck import check
from flows.runtime.clock import VirtualClock
from tests.cast import Person, person
from tests.operations.test_fsck import sql
from tests.runtime.house import drive
from tests.runtime.test_approvals import asked

pytestmark = pytest.mark.django_db(transaction=True)

FURTHER = [{"after": "1h", "assignees": {"users": ["lee"]}}]


def found(run: Run) -> list[tuple[str, str | None, str]]:
    return [(one.finding.rule, one.finding.step, one.finding.sentence) for one in check(run.pk).faults]


def decided(editor: Person) -> tuple[Run, Approval]:
    run, approval = asked(editor)
    decide(person("kim", "viewer").actor, approval.pk, "approved")
    drive()
    return run, approval


def escalated(editor: Person) -> tuple[Run, Approval]:
    run, approval = asked(editor, assignees={"users": ["kim"]}, escalation=FURTHER)
    drive(clock=VirtualClock(int(approval.created_at.timestamp() * 1_000_000) + 2 * 3_600_000_000))
    return run, approval


def test_sound_approvals_are_told_to_be_sound_at_each_of_their_stations(editor: Person) -> None:
    waits, approval = asked(editor, quorum=2)
    assert found(waits) == []
    decide(person("kim", "viewer").actor, approval.pk, "approved")
    assert found(waits) == []
    decide(person("lee", "viewer").actor, approval.pk, "approved")
    assert found(waits) == []  # the letter is on its way
    drive()
    assert found(waits) == []
    for make in (decided, escalated):
        assert found(make(editor)[0]) == []
    cancelled, _ = asked(editor)
    steering.cancel(editor.actor, cancelled.pk)
    drive()
    assert found(cancelled) == []
    late, question = asked(editor, timeout="1h", on_timeout="reject")
    assert question.due_at is not None
    drive(clock=VirtualClock(int(question.due_at.timestamp() * 1_000_000) + 1))
    assert found(late) == []


@pytest.mark.parametrize(
    ("make", "planted", "sentence"),
    [
        (asked, "DELETE FROM flows_approval", "nobody was asked"),
        (asked, "UPDATE flows_approval SET closed_at = now(), outcome = 'approved'", "still waits"),
        (asked, "UPDATE flows_approval SET decided = 'approved'", "0 letters told the run so"),
        (
            asked,
            "WITH gone AS (DELETE FROM flows_delivery) DELETE FROM flows_outbox WHERE topic = 'approval'",
            "letters were called for 0 times",
        ),
        (decided, "UPDATE flows_approval SET closed_at = NULL, outcome = ''", "the links of letters still work"),
        (decided, "UPDATE flows_approval SET outcome = 'rejected'", "its approval says rejected, its journal approved"),
        (decided, "DELETE FROM flows_vote", "by nobody's vote"),
        (escalated, "UPDATE flows_approval SET stage = 0", "went on 0 times, in the journal 1 times"),
    ],
    ids=range(8),
)
def test_what_was_planted_is_named(editor: Person, make: Any, planted: str, sentence: str) -> None:
    run, _ = make(editor)
    sql(planted)
    told = found(run)
    assert {(rule, step) for rule, step, _ in told} == {("approval", "ask")}
    assert any(sentence in one for _, _, one in told)


def test_a_question_the_journal_knows_nothing_of_is_named(editor: Person) -> None:
    run, approval = asked(editor)
    Approval.objects.create(workspace_id=approval.workspace_id, run_id=run.pk, step="other", title="Who asked?")
    assert found(run) == [("approval", "other", "people are asked, and the journal knows nothing of it")]
