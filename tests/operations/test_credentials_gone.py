"""A credential that is gone keeps a version from going live where it never was, but not from coming back: that is told."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from flows.models import Credential, Flow
from flows.operations.drafts import save_draft
from flows.operations.environments import NoCredential, change_environment
from flows.operations.foreseeing import foresee
from flows.operations.good import NoGoodVersion, last_good
from flows.operations.publishing import publish
from flows.operations.releases import release, release_canary, roll_back, start_canary, take_out
from tests.cast import CHAIN, Person, with_nodes
from tests.operations.test_environments import CALL, START, with_call
from tests.operations.test_last_good import live_number, ran

SAID = "no credential payments in this workspace for production to use"


@pytest.fixture
def made(admin: Person) -> Flow:
    """Versions 1 and 2 ask for `payments`; 1 was live, 2 never; 3, which asks for none, is live."""
    found = with_call(admin, base="http://here")
    second = with_nodes(START, CALL, settings={"vars": {"base": "http://there"}})
    save_draft(admin.actor, found.pk, document=second, revision=1)
    publish(admin.actor, found.pk, release=False)
    save_draft(admin.actor, found.pk, document=CHAIN, revision=2)
    publish(admin.actor, found.pk)
    return found


def lose() -> None:
    Credential.objects.filter(name="payments").delete()


def test_what_goes_live_must_have_its_credentials(admin: Person, made: Flow) -> None:
    start_canary(admin.actor, made.pk, version=2, weight=5, guards={})
    lose()
    with pytest.raises(NoCredential, match=SAID):
        release_canary(admin.actor, made.pk, version=2)
    with pytest.raises(NoCredential, match=SAID):
        release(admin.actor, made.pk, version=2)
    for version in (1, 2):
        with pytest.raises(NoCredential, match=SAID):
            start_canary(admin.actor, made.pk, version=version, weight=5, guards={})
    assert live_number(admin, made) == 3


def test_a_rollback_to_what_was_never_live_is_a_release_like_any_other(admin: Person, made: Flow) -> None:
    lose()
    with pytest.raises(NoCredential, match=SAID):
        roll_back(admin.actor, made.pk, version=2)
    assert live_number(admin, made) == 3


def test_who_was_only_tried_there_was_not_live(admin: Person, made: Flow) -> None:
    start_canary(admin.actor, made.pk, version=2, weight=100, guards={})
    lose()
    with pytest.raises(NoCredential, match=SAID):
        roll_back(admin.actor, made.pk, version=2)


def test_what_was_taken_out_comes_back_and_nothing_else(admin: Person, made: Flow) -> None:
    take_out(admin.actor, made.pk, environment="production")
    lose()
    with pytest.raises(NoCredential, match=SAID):
        release(admin.actor, made.pk, version=2)
    assert foresee(admin.actor, made.pk, version=1).missing == ["payments"]
    assert foresee(admin.actor, made.pk, version=1).obstacles == []
    assert (release(admin.actor, made.pk, version=1).kind, live_number(admin, made)) == ("publish", 1)


def test_a_rollback_to_what_was_live_goes_on_and_tells_what_is_gone(
    client: Client, admin: Person, made: Flow, capsys: pytest.CaptureFixture[str]
) -> None:
    lose()
    at = f"/api/flows/{made.pk}/rollback/"
    asked: dict[str, Any] = {"content_type": "application/json", "headers": admin.headers}
    seen = client.get(f"{at}?version=1", headers=admin.headers)
    assert seen.status_code == 200
    assert seen.json() == {"version": 1, "missing_credentials": ["payments"], "obstacles": []}
    answer = client.post(at, {"version": 1, "reason": "it charges twice"}, **asked)
    assert (answer.status_code, answer.json()["live_version"]) == (201, 1)
    assert answer.json()["missing_credentials"] == ["payments"]
    assert "missing_credentials" not in client.post(at, {"version": 3}, **asked).json()
    again = client.post(f"/api/flows/{made.pk}/release/", {"version": 1}, **asked)
    assert (again.status_code, again.json()["missing_credentials"]) == (201, ["payments"])
    client.post(at, {"version": 3}, **asked)
    call_command("flow", "rollback", str(made.pk), "--to", "1", "--workspace", "home")
    told = capsys.readouterr()
    assert "use version 1 instead of version 3" in told.out
    assert re.search(r"There is no credential payments: steps .* fail", told.err)
    assert live_number(admin, made) == 1


def test_what_an_environment_binds_is_what_is_looked_for(admin: Person, made: Flow) -> None:
    change_environment(admin.actor, "production", credentials={"payments": "payments-test"})
    lose()
    assert foresee(admin.actor, made.pk, version=1).missing == []
    assert release(admin.actor, made.pk, version=1).version.number == 1


def test_the_last_good_version_is_one_that_has_its_credentials(admin: Person, made: Flow) -> None:
    ran(admin, made, 1, of=3)
    assert last_good(admin.actor, made.pk).version.number == 1
    lose()
    with pytest.raises(NoGoodVersion):
        last_good(admin.actor, made.pk)
