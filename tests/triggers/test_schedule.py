import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.models import Alert, Live, Run, Trigger
from flows.operations.flows import archive_flow
from flows.operations.releases import release
from flows.triggers.schedule import due_slots, start_due
from tests.cast import Person, flow, with_nodes

SAY = {"id": "say", "type": "log", "config": {"message": "hi"}}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def scheduled(editor: Person, next_at: datetime, **config: Any) -> Trigger:
    node = {"id": "clock", "type": "trigger.schedule", "config": config}
    made = flow(editor.actor, with_nodes(node, SAY))
    Trigger.objects.filter(flow=made).update(next_at=next_at)
    return Trigger.objects.get(flow=made)


def test_a_release_says_when_it_starts_first(editor: Person) -> None:
    node = {"id": "clock", "type": "trigger.schedule", "config": {"every": "15m"}}
    trigger = Trigger.objects.get(flow=flow(editor.actor, with_nodes(node, SAY)))
    assert trigger.next_at is not None
    assert trigger.next_at.minute % 15 == 0


def test_a_moment_starts_one_run_however_often_one_looks(editor: Person) -> None:
    trigger = scheduled(editor, NOON, every="15m")
    assert start_due(NOON) == NOON + timedelta(minutes=15)
    start_due(NOON)
    Trigger.objects.update(next_at=NOON)
    start_due(NOON)
    run = Run.objects.get()
    assert json.loads(run.input) == {"scheduled_at": "2026-03-02T12:00:00Z"}
    assert (run.trigger, run.flow_id) == ("clock", trigger.flow_id)


def test_a_schedule_starts_in_its_own_environment(editor: Person) -> None:
    trigger = scheduled(editor, NOON, every="15m")
    release(editor.actor, trigger.flow_id, version=1, environment="staging")
    Trigger.objects.update(next_at=NOON)
    start_due(NOON)
    runs = Run.objects.select_related("environment")
    assert {run.environment.name if run.environment else None for run in runs} == {None, "staging"}


def test_nothing_starts_before_its_moment(editor: Person) -> None:
    scheduled(editor, NOON, every="15m")
    start_due(NOON - timedelta(seconds=1))
    assert not Run.objects.exists()


def test_an_archived_flow_is_not_started(editor: Person) -> None:
    trigger = scheduled(editor, NOON, every="15m")
    archive_flow(editor.actor, trigger.flow_id)
    assert start_due(NOON) is None
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("missed", "late", "count"),
    [("last", 185, 1), ("skip", 185 * 60, 0), ("skip", 5, 1), ("all", 185 * 60, 13), ("all", 0, 1)],
)
def test_moments_that_passed_while_nobody_looked_follow_the_policy(missed: str, late: int, count: int) -> None:
    now = NOON + timedelta(seconds=late)
    if missed == "skip" and count == 0:
        now += timedelta(minutes=2)
    slots = due_slots({"every": "15m", "missed": missed}, first=NOON, now=now)
    assert len(slots) == count
    assert all(NOON <= slot <= now for slot in slots)


def test_the_newest_of_very_many_missed_moments_is_the_last(editor: Person) -> None:
    now = NOON + timedelta(hours=2)
    assert due_slots({"every": "1s"}, first=NOON, now=now) == [now]


def test_cron_follows_the_wall_clock_of_its_zone() -> None:
    config = {"cron": "30 9 * * *", "timezone": "Asia/Seoul"}
    first = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert due_slots(config, first=first, now=first + timedelta(minutes=1)) == [first]


def test_a_start_that_is_refused_raises_an_alert_and_the_schedule_goes_on(
    editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    trigger = scheduled(editor, NOON, every="15m")
    Run.objects.all().delete()
    Live.objects.filter(flow=trigger.flow).delete()
    assert start_due(NOON) == NOON + timedelta(minutes=15)
    assert Alert.objects.get().code == "schedule_failed"


def test_a_schedule_that_has_become_impossible_does_not_hold_up_the_others(editor: Person) -> None:
    broken, sound = scheduled(editor, NOON, cron="0 12 * * *"), scheduled(editor, NOON, every="15m")
    Trigger.objects.filter(pk=broken.pk).update(
        config=json.dumps({"cron": "0 12 * * *", "timezone": "Atlantis/Center"}), next_at=NOON - timedelta(minutes=1)
    )
    assert start_due(NOON) == NOON + timedelta(minutes=15)
    assert Run.objects.get().flow_id == sound.flow_id
    assert Alert.objects.get().flow_id == broken.flow_id
