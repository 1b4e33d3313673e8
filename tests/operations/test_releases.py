from typing import Any

import pytest

from flows.errors import BadInput, NotFound
from flows.models import Flow, Run, Trigger, Version
from flows.operations.activation import PathTaken
from flows.operations.drafts import save_draft
from flows.operations.flows import archive_flow, restore_flow, switch_triggers
from flows.operations.publishing import publish
from flows.operations.releases import end_canary, roll_back, start_canary
from flows.operations.starting import start
from tests.cast import CHAIN, Person, flow, with_nodes


def hook_document(path: str, **rest: Any) -> dict[str, Any]:
    node = {"id": "hook", "type": "trigger.webhook", "config": {"path": path, "auth": "none"}}
    return with_nodes(node, {"id": "say", "type": "log", "config": {"message": "hi"}}, **rest)


def two_versions(editor: Person) -> Flow:
    made = flow(editor.actor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk)
    return made


def test_a_rollback_is_a_new_release_that_points_back(editor: Person) -> None:
    made = two_versions(editor)
    release = roll_back(editor.actor, made.pk, version=1, reason="too slow")
    assert (release.version.number, release.previous and release.previous.number) == (1, 2)
    assert [r.kind for r in made.releases.order_by("created_at")] == ["publish", "publish", "rollback"]


def test_new_starts_use_the_version_rolled_back_to_and_old_runs_keep_theirs(editor: Person) -> None:
    made = two_versions(editor)
    before = start(editor.actor, made.pk)
    roll_back(editor.actor, made.pk, version=1)
    after = start(editor.actor, made.pk)
    assert (before.run.version, after.run.version) == (2, 1)
    assert Run.objects.get(pk=before.run.id).version == Version.objects.get(flow=made, number=2)


def test_rolling_back_to_a_version_there_is_not_is_not_found(editor: Person) -> None:
    with pytest.raises(NotFound):
        roll_back(editor.actor, two_versions(editor).pk, version=9)


def test_triggers_follow_the_release(editor: Person) -> None:
    made = flow(editor.actor, hook_document("orders/:id"))
    assert Trigger.objects.get(flow=made).path == "orders/:"
    save_draft(editor.actor, made.pk, document=CHAIN, revision=1)
    publish(editor.actor, made.pk)
    assert not Trigger.objects.filter(flow=made).exists()
    roll_back(editor.actor, made.pk, version=1)
    assert Trigger.objects.get(flow=made, active=True).version.number == 1


def test_a_clash_of_paths_refuses_the_release_and_names_the_other_flow(editor: Person) -> None:
    flow(editor.actor, hook_document("orders/:id"), name="The first")
    second = flow(editor.actor, hook_document("orders/:number"), published=False)
    with pytest.raises(PathTaken, match="The first"):
        publish(editor.actor, second.pk)
    assert not second.versions.exists()


def test_an_archived_flow_gives_its_path_away_and_may_not_take_it_back(editor: Person) -> None:
    first = flow(editor.actor, hook_document("orders"))
    archive_flow(editor.actor, first.pk)
    flow(editor.actor, hook_document("orders"), name="The second")
    with pytest.raises(PathTaken, match="The second"):
        restore_flow(editor.actor, first.pk)
    assert Flow.objects.get(pk=first.pk).archived_at is not None


def test_triggers_can_be_turned_off_and_on(editor: Person) -> None:
    made = flow(editor.actor, hook_document("orders"))
    switch_triggers(editor.actor, made.pk, active=False)
    assert not Trigger.objects.filter(flow=made, active=True).exists()
    switch_triggers(editor.actor, made.pk, active=True)
    assert Trigger.objects.filter(flow=made, active=True).exists()


def test_a_canary_takes_its_share_and_sticks_to_the_key(editor: Person) -> None:
    made = two_versions(editor)
    start_canary(editor.actor, made.pk, version=1, weight=30, guards={})
    chosen = {key: start(editor.actor, made.pk, idempotency_key=f"k{key}").run.version for key in range(200)}
    share = sum(version == 1 for version in chosen.values())
    assert 35 <= share <= 85
    again = {key: start(editor.actor, made.pk, idempotency_key=f"k{key}").run.version for key in range(20)}
    assert all(again[key] == chosen[key] for key in again)


def test_a_canary_of_the_live_version_is_refused(editor: Person) -> None:
    with pytest.raises(BadInput):
        start_canary(editor.actor, two_versions(editor).pk, version=2, weight=10, guards={})


def test_ending_a_canary_there_is_not_is_not_found(editor: Person) -> None:
    with pytest.raises(NotFound):
        end_canary(editor.actor, two_versions(editor).pk)
