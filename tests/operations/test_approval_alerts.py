"""A question that too few people are asked is told of before its run has waited for a week."""

import asyncio
from typing import Any

import pytest

from flows.models import Alert, Approval, Delivery, Outbox
from flows.operations.approval_alerts import CODE, alert_of_too_few
from flows.runtime.relay import Relay
from tests.cast import Person, person
from tests.runtime.test_approvals import asked

pytestmark = pytest.mark.django_db(transaction=True)


def relayed() -> list[tuple[str, str]]:
    """The alerts, once the relay has nothing more to do."""
    while Delivery.objects.filter(state="waiting", tries=0).exists():
        asyncio.run(Relay().once())
    return list(Alert.objects.values_list("code", "message"))


@pytest.mark.parametrize(("people", "left"), [([], 0), (["kim"], 1)], ids=["nobody", "one of two"])
def test_too_few_for_the_quorum_raise_one_alert_with_the_run_and_the_step(
    editor: Person, people: list[str], left: int
) -> None:
    for name in people:
        person(name, "viewer")
    run, approval = asked(editor, quorum=2)
    assert relayed() == [(CODE, f"Refund 7?: 2 must say yes and {left} of those asked can answer.")]
    alert = Alert.objects.get()
    assert (alert.run_id, alert.flow_id, alert.step) == (run.pk, run.flow_id, "ask")
    assert Outbox.objects.filter(topic="alert", run_id=run.pk).count() == 1, "the admins are written to"
    alert_of_too_few({"approval": str(approval.pk)})
    assert len(relayed()) == 1
    assert Outbox.objects.filter(topic="alert").count() == 1


def test_enough_people_are_no_news(editor: Person) -> None:
    for name in ("kim", "lee"):
        person(name, "viewer")
    asked(editor, quorum=2)
    assert relayed() == []


def test_where_others_are_asked_later_nothing_is_said_yet(editor: Person) -> None:
    stages: list[dict[str, Any]] = [{"after": "1h", "assignees": {"users": ["root"]}}]
    _, approval = asked(editor, escalation=stages)
    assert relayed() == []
    Approval.objects.update(stage=1)
    alert_of_too_few({"approval": str(approval.pk)})
    assert [code for code, _ in relayed()] == [CODE]


def test_what_is_decided_or_gone_needs_nobody(editor: Person) -> None:
    _, approval = asked(editor)
    Approval.objects.update(decided="rejected")
    alert_of_too_few({"approval": str(approval.pk)})
    alert_of_too_few({"approval": "01890000-0000-7000-8000-000000000000"})
    assert relayed() == []
