"""Policies of keeping versions over HTTP, and what a pruned version answers."""

from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from flows.models import Flow, Version
from flows.operations.flows import create_flow
from flows.operations.pruning import SETTLES, prune
from flows.operations.publishing import publish
from tests.api.test_flows import post
from tests.cast import CHAIN, Person


def published(editor: Person, count: int) -> Flow:
    made = create_flow(editor.actor, name="Chain", document=CHAIN)
    for _ in range(count):
        publish(editor.actor, made.pk)
    return made


def test_a_policy_is_set_told_and_carried_out_and_pruned_versions_say_so(
    client: Client, editor: Person, admin: Person, stranger: Person
) -> None:
    made = published(editor, 5)
    path = f"/api/flows/{made.pk}"
    keeping = f"{path}/version-keeping/"

    def put(who: Person, **body: object) -> tuple[int, dict[str, object]]:
        answer = client.put(keeping, body, content_type="application/json", headers=who.headers)
        return answer.status_code, answer.json()

    at_first = client.get(keeping, headers=editor.headers).json()
    assert (at_first["by"], at_first["holds"], at_first["would_go"]) == ("workspace", {"last": None, "days": None}, [])
    assert put(editor, by="own", last=1)[0] == 403
    assert put(stranger, by="own", last=1)[0] == 404
    assert put(admin, by="own")[0] == 422
    status, said = put(admin, by="own", last=2)
    assert (status, said["holds"], said["would_go"]) == (200, {"last": 2, "days": None}, [1, 2, 3])

    told = StringIO()
    call_command("versions", "prune", "--dry-run", stdout=told)
    assert told.getvalue().splitlines() == [f"Chain ({made.pk}): v1, v2, v3", "3 versions would be pruned"]
    assert not Version.objects.filter(pruned_at__isnull=False).exists()
    call_command("versions", "prune", stdout=StringIO())
    prune(timezone.now() + SETTLES + timedelta(minutes=1))

    listed = client.get(f"{path}/versions/", headers=editor.headers).json()["results"]
    assert [(one["version"], one["pruned_at"] is None) for one in listed] == [
        (5, True), (4, True), (3, False), (2, False), (1, False),
    ]  # fmt: skip
    assert all(len(one["hash"]) == 64 and one["author"] == "editor" for one in listed)
    for refused in (
        client.get(f"{path}/versions/2/", headers=editor.headers),
        client.get(f"{path}/diff/?from=2", headers=editor.headers),
        client.get(f"{path}/diff/?from=4&to=2", headers=editor.headers),
        post(client, editor, f"{path}/rollback/", {"version": 2}),
        post(client, editor, f"{path}/release/", {"version": 2}),
        post(client, editor, f"{path}/canary/", {"version": 2, "weight": 5}),
        post(client, editor, f"{path}/runs/", {"input": {}, "version": 2}),
        post(client, editor, f"{path}/backtest/", {"runs": 1, "version": 2}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (410, "version_pruned")


def test_the_workspace_takes_a_rule_and_lets_it_go(client: Client, admin: Person) -> None:
    path = f"/api/workspaces/{admin.actor.workspace}/"

    def patch(**body: object) -> dict[str, object]:
        answer = client.patch(path, body, content_type="application/json", headers=admin.headers)
        assert answer.status_code == 200, answer.json()
        shape: dict[str, object] = answer.json()
        return shape

    assert (
        patch(keep_versions=20, keep_version_days=90).items() >= {"keep_versions": 20, "keep_version_days": 90}.items()
    )
    assert patch(retention_days=10)["keep_versions"] == 20
    assert patch(keep_versions=None).items() >= {"keep_versions": None, "keep_version_days": 90}.items()
