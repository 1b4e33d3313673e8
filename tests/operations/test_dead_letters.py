"""Failed runs that nobody has dealt with: found, run again from where they failed, or dismissed."""

from typing import Any
from uuid import uuid4

import pytest

from flows.errors import Forbidden
from flows.models import AuditEntry, Run
from flows.operations.dead_letters import dismiss, list_dead_letters, retry
from flows.operations.rerunning import Again, rerun
from flows.operations.starting import start
from flows.security import safejson
from tests.cast import Person, flow, person
from tests.runtime.house import drive, kinds

pytestmark = pytest.mark.django_db(transaction=True)

BREAKS: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "before", "type": "data.set", "config": {"fields": {"x": 1}}},
        {"id": "breaks", "type": "data.transform", "config": {"value": "{{ input.lacking }}"}},
    ],
    "edges": [{"from": "start", "to": "before"}, {"from": "before", "to": "breaks"}],
}


def failed(editor: Person, count: int = 1) -> list[Run]:
    made = flow(editor.actor, BREAKS)
    for _ in range(count):
        start(editor.actor, made.pk)
    drive()
    return list(Run.objects.filter(flow=made).order_by("number"))


def test_a_failed_run_is_a_dead_letter_until_it_was_run_again(editor: Person) -> None:
    first, second, third = failed(editor, 3)
    assert [run.pk for run in list_dead_letters(editor.actor).rows] == [third.pk, second.pk, first.pk]
    done = retry(editor.actor, [first.pk, uuid4()])
    assert [run for run, _ in done.retried] == [first.pk]
    assert [error.code for _, error in done.refused] == ["not_found"]
    rerun(editor.actor, second.pk, Again())
    assert [run.pk for run in list_dead_letters(editor.actor).rows] == [third.pk]
    again = Run.objects.get(pk=done.retried[0][1])
    assert again.rerun_of_id == first.pk
    assert [one["step"] for one in safejson.loads(again.part)["given"]] == ["before"], "it goes on where it failed"
    drive()
    assert "step_succeeded" not in kinds(again)
    assert again.pk in {run.pk for run in list_dead_letters(editor.actor).rows}, "it failed again"


def test_a_dismissed_one_is_gone_and_its_run_stays(editor: Person) -> None:
    (run,) = failed(editor)
    assert (dismiss(editor.actor, [run.pk]), dismiss(editor.actor, [run.pk])) == (1, 0)
    assert list_dead_letters(editor.actor).rows == []
    assert Run.objects.get(pk=run.pk).status == "failed"
    assert AuditEntry.objects.filter(verb="dismissed").count() == 1


def test_test_runs_called_runs_and_those_of_others_are_nobodys_letters(editor: Person) -> None:
    test, called, own = failed(editor, 3)
    Run.objects.filter(pk=test.pk).update(is_test=True)
    Run.objects.filter(pk=called.pk).update(parent_run=own.pk)
    assert [run.pk for run in list_dead_letters(editor.actor).rows] == [own.pk]
    stranger = person("stranger", "admin", home="elsewhere")
    assert list_dead_letters(stranger.actor).rows == []
    assert retry(stranger.actor, [own.pk]).retried == []
    assert dismiss(stranger.actor, [own.pk]) == 0


def test_a_viewer_looks_and_touches_nothing(editor: Person) -> None:
    (run,) = failed(editor)
    viewer = person("viewer", "viewer").actor
    assert len(list_dead_letters(viewer).rows) == 1
    for touch in (retry, dismiss):
        with pytest.raises(Forbidden):
            touch(viewer, [run.pk])
