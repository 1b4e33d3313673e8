"""Environments, promotion and proposals over HTTP."""

import json
from typing import Any

import pytest
from django.test import Client

from flows.models import AuditEntry, Credential, Environment, Live, Proposal, Release, Run
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.publishing import publish
from flows.operations.releases import release
from tests.cast import CHAIN, Person, flow
from tests.operations.test_environments import with_call


def asked(client: Client, person: Person, method: str, address: str, body: Any = None) -> Any:
    return client.generic(
        method,
        f"/api/{address}",
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers=person.headers,
    )


@pytest.fixture
def staged(editor: Person) -> str:
    """Version 1 in production, version 2 in staging; the flow's address."""
    made = flow(editor.actor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk, release=False)
    release(editor.actor, made.pk, version=2, environment="staging")
    return f"flows/{made.pk}/"


def test_an_environment_is_made_changed_read_and_deleted(client: Client, admin: Person, viewer: Person) -> None:
    made = asked(client, admin, "POST", "environments/", {"name": "europe", "place": 2})
    assert (made.status_code, made.json()["vars"], made.json()["is_default"]) == (201, {}, False)
    change = {
        "vars": {"base": "http://eu", "big": 12345678901234567890},
        "releasers": {"roles": ["admin"]},
        "needs_second": True,
    }
    changed = asked(client, admin, "PATCH", "environments/europe/", change).json()
    assert (changed["vars"], changed["releasers"]["roles"], changed["needs_second"]) == (
        change["vars"],
        ["admin"],
        True,
    )
    names = [one["name"] for one in asked(client, viewer, "GET", "environments/").json()["results"]]
    assert names == ["dev", "staging", "europe", "production"]
    assert asked(client, viewer, "GET", "environments/europe/").json() == changed
    assert asked(client, viewer, "PATCH", "environments/europe/", {}).status_code == 403
    assert asked(client, admin, "DELETE", "environments/europe/").status_code == 204
    assert asked(client, admin, "GET", "environments/europe/").status_code == 404
    refused = asked(client, admin, "DELETE", "environments/production/")
    assert (refused.status_code, refused.json()["code"]) == (409, "environment_in_use")


def test_a_promotion_is_shown_and_made(client: Client, editor: Person, staged: str) -> None:
    seen = asked(client, editor, "GET", f"{staged}promote/?to=production").json()
    assert (seen["source"], seen["version"], seen["live_version"], seen["obstacles"]) == ("staging", 2, 1, [])
    assert seen["text"]
    diff = asked(client, editor, "GET", f"{staged}diff/?from_environment=production&to_environment=staging").json()
    assert diff == {"changes": seen["changes"], "text": seen["text"]}
    done = asked(client, editor, "POST", f"{staged}promote/", {"to": "production", "from": "staging", "reason": "good"})
    assert (done.status_code, done.json()["release"]["live_version"], done.json()["proposal"]) == (201, 2, None)
    rows = asked(client, editor, "GET", f"{staged}environments/").json()["results"]
    assert [(one["environment"], one["live_version"]) for one in rows] == [
        ("dev", None),
        ("staging", 2),
        ("production", 2),
    ]
    newest = asked(client, editor, "GET", f"{staged}releases/?environment=production").json()["results"][0]
    assert (newest["kind"], newest["environment"], newest["reason"]) == ("promote", "production", "good")


def test_a_promotion_into_a_place_that_needs_a_second_person_is_a_proposal(
    client: Client, admin: Person, editor: Person, staged: str
) -> None:
    change_environment(admin.actor, "production", needs_second=True)
    asked_for = asked(client, editor, "POST", f"{staged}promote/", {"to": "production"})
    proposal = asked_for.json()["proposal"]
    assert (asked_for.status_code, asked_for.json()["release"], proposal["outcome"]) == (202, None, "")
    address = f"{staged}proposals/{proposal['id']}"
    own = asked(client, editor, "POST", f"{address}/approve/", {})
    assert (own.status_code, own.json()["code"]) == (403, "own_proposal")
    rows = asked(client, editor, "GET", f"{staged}environments/").json()["results"]
    assert (rows[2]["proposal"]["id"], rows[2]["proposal"]["mine"]) == (proposal["id"], True)
    seen = asked(client, admin, "GET", f"{staged}proposals/?open=true").json()["results"]
    assert [one["mine"] for one in seen] == [False]
    made = asked(client, admin, "POST", f"{address}/approve/", {"comment": "fine"})
    assert (made.status_code, made.json()["live_version"]) == (201, 2)
    assert asked(client, editor, "GET", f"{staged}proposals/?open=true").json()["results"] == []


def test_the_reason_the_product_gives_a_promotion_is_said_in_the_readers_language(
    client: Client, admin: Person, editor: Person, staged: str
) -> None:
    in_korean = editor.headers | {"Accept-Language": "ko"}
    change_environment(admin.actor, "production", needs_second=True)
    asked(client, editor, "POST", f"{staged}promote/", {"to": "production"})
    asked(client, editor, "POST", f"{staged}promote/", {"to": "dev", "from": "staging"})
    waits = client.get(f"/api/{staged}proposals/", headers=in_korean).json()["results"]
    released = client.get(f"/api/{staged}releases/?environment=dev", headers=in_korean).json()["results"]
    assert [one[0]["reason"] for one in (waits, released)] == ["staging에서 승격"] * 2
    assert Proposal.objects.get().reason == "promoted from staging"
    assert asked(client, editor, "GET", f"{staged}proposals/").json()["results"][0]["reason"] == "promoted from staging"


def test_publishing_where_a_second_person_is_needed_says_what_it_waits_for(
    client: Client, admin: Person, editor: Person, staged: str
) -> None:
    change_environment(admin.actor, "production", needs_second=True)
    made = asked(client, editor, "POST", f"{staged}publish/", {"note": "third"}).json()
    waits = asked(client, editor, "GET", f"{staged}proposals/").json()["results"]
    assert (made["version"], made["proposal"]) == (3, waits[0]["id"])
    again = asked(client, editor, "POST", f"{staged}proposals/", {"version": 3, "canary": {"weight": 5}})
    assert (again.status_code, again.json()["canary"]["weight"]) == (201, 5)
    withdrawn = asked(client, editor, "POST", f"{staged}proposals/{again.json()['id']}/reject/", {})
    assert withdrawn.json()["outcome"] == "withdrawn"
    refused = asked(client, editor, "POST", f"{staged}release/", {"version": 3})
    assert (refused.status_code, refused.json()["code"]) == (409, "second_needed")


def test_a_start_names_its_environment_and_the_run_tells_it(client: Client, editor: Person, staged: str) -> None:
    begun = asked(client, editor, "POST", f"{staged}runs/", {"environment": "staging"}).json()
    batch = asked(client, editor, "POST", f"{staged}runs/batch/", {"inputs": [{}], "environment": "staging"})
    assert (begun["version"], batch.status_code) == (2, 201)
    assert asked(client, editor, "GET", f"runs/{begun['id']}/").json()["environment"] == "staging"
    told = asked(client, editor, "GET", f"{staged}runs/").json()["results"]
    assert [run["environment"] for run in told] == ["staging", "staging"]
    for name, count in (("staging", 2), ("production", 0), ("dev", 0)):
        found = asked(client, editor, "GET", f"runs/?environment={name}").json()["results"]
        assert len(found) == count
    assert asked(client, editor, "GET", "runs/?environment=moon").status_code == 404
    nowhere = asked(client, editor, "POST", f"{staged}runs/", {"environment": "dev"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "not_published")
    assert asked(client, editor, "POST", f"{staged}runs/", {"environment": "moon"}).status_code == 404
    assert asked(client, editor, "POST", f"{staged}runs/", {"environment": "a\0"}).status_code == 422
    assert Run.objects.count() == 2


def test_a_rollback_and_a_canary_go_where_they_are_told(client: Client, editor: Person, staged: str) -> None:
    there = {"environment": "staging"}
    canary = asked(client, editor, "POST", f"{staged}canary/", {"version": 1, "weight": 10, **there})
    assert (canary.status_code, canary.json()["environment"]) == (201, "staging")
    told = asked(client, editor, "GET", f"{staged}environments/").json()["results"]
    assert [one["canary"] and one["canary"]["weight"] for one in told] == [None, 10, None]
    assert (told[1]["canary"]["version"], told[1]["canary"]["figures"]["runs"]) == (1, 0)
    assert asked(client, editor, "DELETE", f"{staged}canary/").status_code == 404
    assert asked(client, editor, "DELETE", f"{staged}canary/?environment=staging").status_code == 200
    asked(client, editor, "POST", f"{staged}rollback/", {"version": 1, **there})
    rows = asked(client, editor, "GET", f"{staged}environments/").json()["results"]
    assert [one["live_version"] for one in rows] == [None, 1, 1]
    assert asked(client, editor, "GET", f"{staged}last-good/?environment=staging").json()["version"] is None


@pytest.mark.parametrize("query", ["", "to=2", "from=1&from_environment=staging", "from=1&to=2&to_environment=staging"])
def test_a_diff_names_one_thing_on_either_side(client: Client, editor: Person, staged: str, query: str) -> None:
    assert asked(client, editor, "GET", f"{staged}diff/?{query}").status_code == 422


def everything() -> dict[str, int]:
    return {one.__name__: one.objects.count() for one in (Release, Live, Proposal, AuditEntry, Run)}


@pytest.mark.parametrize("second", [False, True], ids=["released at once", "by a second person"])
@pytest.mark.parametrize("way", ["promote", "release", "canary", "proposals"])
def test_a_credential_that_is_not_bound_is_one_clear_answer_and_nothing_is_half_done(
    client: Client, admin: Person, way: str, second: bool
) -> None:
    made = f"flows/{with_call(admin, base='http://here').pk}/"
    change_environment(admin.actor, "staging", needs_second=second)
    body = {"to": "staging", "version": 1} if way == "promote" else {"environment": "staging", "version": 1}
    before = everything()
    refused = asked(client, admin, "POST", f"{made}{way}/", body | ({"weight": 5} if way == "canary" else {}))
    expected = {
        "credential_not_bound": "payments: not bound to a credential in staging.",
        "not_published": "Nothing of this flow is live in staging.",
        "second_needed": "Version 1 was never live in staging, which asks for a second pair of eyes.",
    }
    told = refused.json()
    assert (refused.status_code, told["title"]) == (409, expected[told["code"]])
    if way in ("promote", "proposals"):
        assert told["code"] == "credential_not_bound"
        assert told["hint"] == "Bind each of them to a credential of the workspace in the environment's settings."
    assert everything() == before


def test_a_bound_credential_that_is_gone_is_named_with_its_environment(client: Client, admin: Person) -> None:
    made = f"flows/{with_call(admin, base='http://here').pk}/"
    change_environment(admin.actor, "staging", credentials={"payments": "payments-test"})
    Credential.objects.filter(name="payments-test").delete()
    seen = asked(client, admin, "GET", f"{made}promote/?to=staging&version=1").json()
    assert [one["code"] for one in seen["obstacles"]] == ["credential_missing"]
    before = everything()
    refused = asked(client, admin, "POST", f"{made}promote/", {"to": "staging", "version": 1}).json()
    assert refused["title"] == "There is no credential payments-test in this workspace for staging to use."
    assert everything() == before


def test_a_credential_that_an_environment_binds_is_neither_deleted_nor_renamed(client: Client, admin: Person) -> None:
    with_call(admin, base="http://here")
    change_environment(admin.actor, "staging", credentials={"payments": "payments-test"})
    bound, free = (Credential.objects.get(name=name).pk for name in ("payments-test", "payments"))
    before = everything()
    for method, body in (("DELETE", None), ("PATCH", {"name": "other"})):
        refused = asked(client, admin, method, f"credentials/{bound}/", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "credential_bound")
        assert refused.json()["title"] == "The credential payments-test is bound in staging."
    assert everything() == before
    assert asked(client, admin, "PATCH", f"credentials/{bound}/", {"name": "payments-test"}).status_code == 200
    assert asked(client, admin, "DELETE", f"credentials/{free}/").status_code == 204
    change_environment(admin.actor, "staging", credentials={})
    assert asked(client, admin, "DELETE", f"credentials/{bound}/").status_code == 204
    assert not Environment.objects.get(workspace=admin.actor.workspace, name="staging").setting_id


def test_a_flow_is_taken_out_of_an_environment(client: Client, editor: Person, viewer: Person, staged: str) -> None:
    where = f"{staged}environments/staging/"
    assert asked(client, viewer, "DELETE", where).status_code == 403
    ended = asked(client, editor, "DELETE", f"{where}?reason=the+trial+is+over")
    assert ended.status_code == 200
    told = {name: ended.json()[name] for name in ("kind", "environment", "live_version", "reason")}
    assert told == {"kind": "take_out", "environment": "staging", "live_version": 2, "reason": "the trial is over"}
    rows = asked(client, editor, "GET", f"{staged}environments/").json()["results"]
    assert [one["live_version"] for one in rows] == [None, None, 1]
    history = asked(client, editor, "GET", f"{staged}releases/?environment=staging").json()["results"]
    assert [one["kind"] for one in history] == ["take_out", "publish"]
    start = asked(client, editor, "POST", f"{staged}runs/", {"environment": "staging"})
    again = asked(client, editor, "DELETE", where)
    assert [(one.status_code, one.json()["code"]) for one in (start, again)] == [(409, "not_published")] * 2
    assert asked(client, editor, "DELETE", f"{staged}environments/moon/").status_code == 404
