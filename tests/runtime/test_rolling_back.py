"""A step that rolls a flow back: once, and with the rights of who published it."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from flows.journal.read import step_detail
from flows.models import Credential, Flow, Membership, Release, Run
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.drafts import save_draft
from flows.operations.flows import find_flow
from flows.operations.publishing import publish
from flows.operations.rolling_back import rolled_back
from flows.operations.starting import start
from flows.runtime.verbs import RollbackOrder
from tests.cast import CHAIN, Person, flow, person, with_nodes
from tests.operations.test_environments import with_call
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)


def shop(editor: Person) -> Flow:
    """A flow with two versions, the second live; of the first a run succeeded."""
    made = flow(editor.actor, name="Shop")
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk)
    run = start(editor.actor, made.pk, version=1).run.id
    Run.objects.filter(pk=run).update(status="succeeded", finished_at=timezone.now())
    return made


def keeper(editor: Person, *, published: bool = True, **config: Any) -> Flow:
    """A flow that rolls the shop back."""
    back = {"id": "back", "type": "flow.rollback", "config": {"flow": "Shop", "reason": "too slow"} | config}
    return flow(
        editor.actor, with_nodes({"id": "start", "type": "trigger.manual"}, back), published=published, name="K"
    )


def kept(editor: Person, **config: Any) -> Run:
    run = start(editor.actor, keeper(editor, **config).pk).run.id
    drive()
    return Run.objects.get(pk=run)


def live(editor: Person, made: Flow) -> Release:
    found = find_flow(editor.actor, made.pk).live
    assert found is not None
    return found


@pytest.mark.parametrize("config", [{}, {"version": 1}])
def test_a_step_rolls_back_to_a_version_or_to_the_last_good_one(editor: Person, config: dict[str, Any]) -> None:
    made = shop(editor)
    run = kept(editor, **config)
    assert run.status == "succeeded"
    release = live(editor, made)
    assert (release.kind, release.version.number, release.reason) == ("rollback", 1, "too slow")
    assert release.author_id == editor.actor.user
    assert release.evidence["runs"] == [str(run.pk)]
    told = step_detail(run.pk, "back")
    assert told is not None
    assert told["output"] == {
        "flow": "Shop",
        "version": 1,
        "previous": 2,
        "release": str(release.pk),
        "missing_credentials": [],
    }


def test_a_step_that_rolls_back_tells_which_credentials_are_gone(admin: Person) -> None:
    made = with_call(admin, base="http://here")
    save_draft(admin.actor, made.pk, document=CHAIN, revision=1)
    publish(admin.actor, made.pk)
    Credential.objects.filter(name="payments").delete()
    run = kept(admin, flow="Chain", version=1)
    told = step_detail(run.pk, "back")
    assert told is not None
    assert isinstance(told["output"], dict)
    assert (told["output"]["version"], told["output"]["missing_credentials"]) == (1, ["payments"])
    release = live(admin, made)
    assert release.version.number == 1
    order = RollbackOrder(run=run.pk, key=release.evidence["key"], flow="Chain", version=1, reason="again")
    assert rolled_back(order) == told["output"], "whoever asks again is told the same"


def test_however_often_it_is_tried_one_release_is_made(editor: Person) -> None:
    made = shop(editor)
    run = kept(editor)
    release = live(editor, made)
    order = RollbackOrder(run=run.pk, key=release.evidence["key"], flow="Shop", version=None, reason="again")
    assert rolled_back(order)["release"] == str(release.pk)
    assert made.releases.count() == 3


def test_who_published_it_and_may_no_longer_publish_rolls_nothing_back(editor: Person) -> None:
    made = shop(editor)
    keeping = keeper(editor)
    Membership.objects.filter(user_id=editor.actor.user).update(role="operator")
    run = start(editor.actor, keeping.pk).run.id
    drive()
    told = step_detail(run, "back")
    assert told is not None
    assert told["attempts"][0]["error"]["code"] == "forbidden"  # type: ignore[index, call-overload]  # JSON
    assert live(editor, made).version.number == 2


def test_an_operator_may_start_what_an_editor_published(editor: Person) -> None:
    made = shop(editor)
    start(person("night", "operator").actor, keeper(editor).pk)
    drive()
    assert live(editor, made).version.number == 1


def test_a_run_of_a_draft_rolls_nothing_back(editor: Person) -> None:
    made = shop(editor)
    run = start_draft(editor.actor, keeper(editor, published=False).pk, DraftOrder(input={})).run.id
    drive()
    assert Run.objects.get(pk=run).status == "failed"
    assert live(editor, made).version.number == 2


def test_another_workspaces_flow_is_not_found(editor: Person) -> None:
    made = shop(editor)
    stranger = person("far", "editor", home="far-away")
    run = kept(stranger, flow=str(made.pk))
    assert run.error is not None
    assert "There is no such flow" in run.error
    assert live(editor, made).version.number == 2


def test_a_statement_that_the_server_gives_up_is_trouble_and_no_failure_of_the_step(
    editor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop(editor)
    asked: list[RollbackOrder] = []

    def cut_once(order: RollbackOrder) -> Any:
        asked.append(order)
        with transaction.atomic(), connection.cursor() as cursor:
            made = rolled_back(order)
            if len(asked) == 1:
                cursor.execute("SET LOCAL statement_timeout = 1")
                cursor.execute("SELECT pg_sleep(60)")
        return made

    monkeypatch.setattr("flows.triggers.tick.rolled_back", cut_once)
    run = kept(editor)
    assert (run.status, run.error) == ("succeeded", None)
    assert [order.key for order in asked] == [asked[0].key] * 2
    assert Release.objects.filter(kind="rollback").count() == 1
