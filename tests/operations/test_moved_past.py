"""What is told of a run's past where it was moved to another version since, and what is kept for that."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from flows.engine.events import StepStarted
from flows.journal.refolding import refolded
from flows.models import Alert, Event, Flow, Run, Snapshot, Version
from flows.operations import runs
from flows.operations.actor import Actor
from flows.operations.backtests import back_test
from flows.operations.documents import VersionPruned
from flows.operations.drafts import save_draft
from flows.operations.fsck import check
from flows.operations.moving import move, preview_move
from flows.operations.plans import plan_along
from flows.operations.pruning import would_be_pruned
from flows.operations.publishing import publish
from flows.operations.rerunning import Again, rerun
from flows.operations.retention import delete_runs
from flows.operations.runs import find_run
from flows.operations.starting import start
from tests.cast import Person, flow, with_nodes
from tests.operations.parked import PAID, START, goes_by, parked, pay, says
from tests.runtime.house import drive, journal

pytestmark = pytest.mark.django_db(transaction=True)


# --- what was before --------------------------------------------------------------------------------------

LOOP: dict[str, Any] = {"id": "loop", "type": "flow.for_each", "config": {"items": [1, 2]}}
INSIDE: dict[str, Any] = {"id": "inside", "type": "log", "parent": "loop", "config": {"message": "in"}}


def gone_by(editor: Person, operator: Person, first: dict[str, Any], second: dict[str, Any]) -> Run:
    """A run of the first document that waits, moved to the second."""
    made = flow(editor.actor, first)
    run = start(editor.actor, made.pk).run
    drive()
    save_draft(editor.actor, made.pk, document=second, revision=1)
    publish(editor.actor, made.pk)
    move(operator.actor, run.id, 2)
    drive()
    return Run.objects.get(pk=run.id)


def test_a_moment_before_the_move_is_told_by_the_version_of_then(
    client: Client, editor: Person, operator: Person
) -> None:
    run = gone_by(
        editor, operator, with_nodes(START, says("old", "a"), PAID), with_nodes(START, PAID, says("new", "b"))
    )
    seq = next(row.seq for row in Event.objects.filter(run=run) if row.kind == "run_moved")

    def get(path: str) -> Any:
        return client.get(f"/api/runs/{run.pk}/{path}", headers=operator.headers).json()

    def nodes(path: str) -> list[str]:
        return [node["id"] for node in get(path)["document"]["nodes"]]

    assert nodes(f"document/?at={seq - 1}") == ["start", "old", "paid"]
    assert nodes(f"document/?at={seq}") == nodes("document/") == ["start", "paid", "new"]
    assert (get(f"moments/{seq - 1}/")["version"], get(f"moments/{seq}/")["version"]) == (1, None)
    assert get("steps/old/")["input"] == {"fields": {"said": "a"}}, "what it got stands in the version it ran by"
    assert "old" in [step["key"] for step in get("")["steps"]], "what ran is shown, although its node is gone"
    assert client.get(f"/api/runs/{run.pk}/steps/new/?at={seq - 1}", headers=operator.headers).status_code == 404


def test_a_document_is_told_with_its_own_number_also_while_the_run_is_moved(
    editor: Person, operator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = gone_by(
        editor, operator, with_nodes(START, says("old", "a"), PAID), with_nodes(START, PAID, says("new", "b"))
    )
    first = Version.objects.get(flow=run.flow_id, number=1)

    def found_before_a_move(actor: Actor, sought: UUID) -> Run:
        found = find_run(actor, sought)
        Run.objects.filter(pk=sought).update(version=first, document_hash=first.hash)
        return found

    monkeypatch.setattr(runs, "find_run", found_before_a_move)
    document, number = runs.document_of(operator.actor, run.pk)
    assert (number, [node["id"] for node in document["nodes"]]) == (2, ["start", "paid", "new"])


def test_a_step_is_told_with_what_it_got_by_the_version_it_ran_by(editor: Person, operator: Person) -> None:
    run = gone_by(
        editor, operator, with_nodes(START, says("old", "a"), PAID), with_nodes(START, says("old", "b"), PAID)
    )
    assert runs.read_step(operator.actor, run.pk, "old")["input"] == {"fields": {"said": "a"}}


def test_the_items_of_a_loop_are_counted_by_the_version_they_ran_in(editor: Person, operator: Person) -> None:
    more = {**INSIDE, "id": "more"}
    edges = [{"from": "start", "to": "loop"}, {"from": "loop", "to": "paid"}]
    first = with_nodes(START, LOOP, INSIDE, PAID) | {"edges": edges}
    second = with_nodes(START, LOOP, INSIDE, more, PAID) | {"edges": edges}
    run = gone_by(editor, operator, first, second)
    seq = next(row.seq for row in Event.objects.filter(run=run) if row.kind == "run_moved")
    assert runs.read_items(operator.actor, run.pk, "loop", seq - 1)["states"] == "ss"


def test_a_moved_run_is_run_again_on_the_version_it_went_over_to(editor: Person, operator: Person) -> None:
    run = gone_by(
        editor, operator, with_nodes(START, says("old", "a"), PAID), with_nodes(START, PAID, says("new", "b"))
    )
    pay(operator, run)
    again = rerun(editor.actor, run.pk, Again(from_step="new"))
    drive()
    made = Run.objects.get(pk=again.run.id)
    assert goes_by(made) == (2, "succeeded")
    begun = [event.step for event in journal(made) if isinstance(event, StepStarted)]
    assert begun == ["new"]
    assert check().faults == []


def test_the_version_that_a_run_left_is_kept_as_long_as_its_journal(editor: Person, operator: Person) -> None:
    made, (run,) = parked(editor)
    Flow.objects.filter(pk=made.pk).update(version_policy="own", keep_versions=1)
    made.versions.update(note="")  # a version with a note stays
    move(operator.actor, run.pk, 2)
    drive()
    assert would_be_pruned(made.pk) == [], "3 is live, 2 is gone by, and 1 was"
    pay(operator, run)
    delete_runs([run.pk])
    assert [goes.numbers for goes in would_be_pruned(made.pk)] == [[1]], "2 was live before 3"


def test_nothing_is_moved_to_a_version_that_is_to_go(editor: Person, operator: Person) -> None:
    made, (run,) = parked(editor)
    move(operator.actor, run.pk, 2)
    made.versions.filter(number=2).update(pruned_at=timezone.now())
    drive()
    assert goes_by(run) == (1, "waiting"), "it was closed before the letter was read"
    assert Alert.objects.get(run_id=run.pk).code == "not_moved"
    with pytest.raises(VersionPruned):
        preview_move(operator.actor, run.pk, 2)


def test_a_run_that_is_moved_while_it_is_looked_at_is_looked_at_as_its_journal_says(
    editor: Person, operator: Person
) -> None:
    _, (run,) = parked(editor)
    before = plan_along(run.pk, run.document_hash)
    move(operator.actor, run.pk, 2)
    drive()
    after = Run.objects.get(pk=run.pk).document_hash
    for snapshot in (True, False):
        if not snapshot:
            Snapshot.objects.all().delete()
        # Its row was read before it was moved, its snapshot and its journal after that.
        machine = refolded(run.pk, before, partial(plan_along, run.pk))
        assert machine.plan is plan_along(run.pk, after)
        assert machine.waits("paid") == ("signal", "paid")


def test_a_run_is_followed_where_an_older_version_with_its_document_was_pruned(
    editor: Person, operator: Person
) -> None:
    first, second = with_nodes(START, says("old", "a"), PAID), with_nodes(START, says("old", "b"), PAID)
    made = flow(editor.actor, first)
    for revision, document in enumerate((second, first), 1):
        save_draft(editor.actor, made.pk, document=document, revision=revision)
        publish(editor.actor, made.pk)
    run = start(editor.actor, made.pk).run
    drive()
    assert made.versions.get(number=1).hash == made.versions.get(number=3).hash
    made.versions.filter(number=1).update(pruned_at=timezone.now(), document="")
    assert preview_move(operator.actor, run.id, 2).fit.obstacles == ()
    move(operator.actor, run.id, 2)
    drive()
    Snapshot.objects.all().delete()
    assert preview_move(operator.actor, run.id, 3).fit.obstacles == ()
    assert check().faults == []


def test_a_back_test_finds_what_a_moved_run_did_by_the_version_it_left(editor: Person, operator: Person) -> None:
    config = {"method": "POST", "url": "http://127.0.0.1:9/", "json": {"of": "{{ flow.name }}"}}
    told = {"id": "told", "type": "http.request", "config": config, "on_error": "continue"}
    first = with_nodes(START, told, PAID)
    run = gone_by(editor, operator, first, with_nodes(START, PAID, says("new", "b")))
    pay(operator, run)
    (played,) = back_test(editor.actor, run.flow_id, version=1).runs
    assert (played.verdict, played.reason) == ("differs", None), "what it left has its answer"
    (played,) = back_test(editor.actor, run.flow_id, version=2).runs
    assert [(one.what, one.step) for one in played.differences] == [("call", "told")], "a call that is made no more"
