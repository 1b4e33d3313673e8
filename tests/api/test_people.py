import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from flows.operations.access import PERMISSIONS
from tests.cast import Person

JSON = "application/json"
PASSWORD = "water-flows-down-1"


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


@pytest.fixture(autouse=True)
def nobody_guessed_yet() -> None:
    cache.clear()


def test_a_session_says_who_one_is_and_what_one_may(viewer: Person) -> None:
    told = signed_in("viewer").get("/api/session/").json()
    assert (told["user"]["name"], told["role"], told["workspace"]["slug"]) == ("viewer", "viewer", "home")
    assert told["permissions"] == sorted(PERMISSIONS["viewer"])
    assert (told["languages"], told["theme"]) == (["en", "ko"], "auto")


def test_language_and_theme_are_kept(viewer: Person) -> None:
    client = signed_in("viewer")
    changed = client.patch("/api/session/", {"language": "ko", "theme": "dark"}, content_type=JSON)
    assert changed.status_code == 200
    assert changed.cookies["mulgil_language"].value == "ko"
    assert client.get("/api/session/").json().items() >= {"language": "ko", "theme": "dark"}.items()
    assert client.patch("/api/session/", {"theme": "pink"}, content_type=JSON).status_code == 422


def test_ones_own_keys_are_kept_and_are_no_one_elses(viewer: Person, editor: Person) -> None:
    client = signed_in("viewer")
    assert client.get("/api/session/").json()["keys"] == {}
    own = {"tidy": ["Mod+Shift+L"], "hand": [], "zoom-in": ["Mod++", "F9"]}
    assert client.patch("/api/session/", {"keys": own}, content_type=JSON).json()["keys"] == own
    assert client.patch("/api/session/", {"theme": "dark"}, content_type=JSON).json()["keys"] == own
    assert signed_in("editor").get("/api/session/").json()["keys"] == {}
    assert client.patch("/api/session/", {"keys": {}}, content_type=JSON).json()["keys"] == {}


@pytest.mark.parametrize("chord", ["Tab", "Shift+Tab", "Mod", "Shift+Mod+Z", "", " ", "Mod+", "x y", "K" * 40])
def test_keys_that_no_command_may_have_are_refused(viewer: Person, chord: str) -> None:
    client = signed_in("viewer")
    assert client.patch("/api/session/", {"keys": {"tidy": [chord]}}, content_type=JSON).status_code == 422
    assert client.get("/api/session/").json()["keys"] == {}


def test_a_new_password_keeps_this_session_and_ends_others(viewer: Person) -> None:
    user = User.objects.get(username="viewer")
    user.set_password(PASSWORD)
    user.save()
    here, elsewhere = signed_in("viewer"), signed_in("viewer")
    body = {"old": PASSWORD, "new": "another-river-2"}
    assert here.post("/api/session/password/", body, content_type=JSON).status_code == 204
    assert here.get("/api/session/").status_code == 200
    assert elsewhere.get("/api/session/").status_code == 401


def test_an_invitation_is_made_accepted_and_used_up(client: Client, admin: Person) -> None:
    body = {"email": "new@mulgil.example", "role": "operator"}
    made = client.post("/api/invitations/", body, content_type=JSON, headers=admin.headers)
    assert made.status_code == 201
    joining = {"secret": made.json()["secret"], "username": "newcomer", "password": PASSWORD}
    joined = Client().post("/api/invitations/accept/", joining, content_type=JSON)
    assert (joined.status_code, joined.json()["role"]) == (201, "operator")
    assert Client().post("/api/invitations/accept/", joining, content_type=JSON).status_code == 404
    assert client.get("/api/invitations/", headers=admin.headers).json()["results"] == []


def test_who_guesses_secrets_is_slowed_down(db: None) -> None:
    statuses = [
        Client().post("/api/invitations/accept/", {"secret": f"guess{n}"}, content_type=JSON).status_code
        for n in range(31)
    ]
    assert (set(statuses[:30]), statuses[30]) == ({404}, 429)


def test_roles_are_changed_and_members_put_out(client: Client, admin: Person, editor: Person) -> None:
    members = client.get("/api/members/", headers=admin.headers).json()["results"]
    at = f"/api/members/{next(m['id'] for m in members if m['name'] == 'editor')}/"
    assert client.patch(at, {"role": "viewer"}, content_type=JSON, headers=admin.headers).json()["role"] == "viewer"
    assert client.post("/api/flows/", {"name": "x"}, content_type=JSON, headers=editor.headers).status_code == 403
    assert client.delete(at, headers=admin.headers).status_code == 204
    assert client.get("/api/flows/", headers=editor.headers).status_code == 401


def test_no_answer_ever_holds_a_credentials_value(client: Client, editor: Person) -> None:
    body = {
        "name": "pay",
        "kind": "http",
        "values": {"scheme": "bearer", "token": "a-very-secret"},
        "hosts": ["x.example"],
    }
    made = client.post("/api/credentials/", body, content_type=JSON, headers=editor.headers)
    at = f"/api/credentials/{made.json()['id']}/"
    answers: list[Any] = [made, client.get(at, headers=editor.headers)]
    answers += [client.get("/api/credentials/", headers=editor.headers)]
    answers += [client.patch(at, {"name": "pay2"}, content_type=JSON, headers=editor.headers)]
    bad = {**body, "values": {"scheme": "basic", "token": "a-very-secret"}}
    answers += [client.post("/api/credentials/", bad, content_type=JSON, headers=editor.headers)]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 422]
    assert all(b"a-very-secret" not in answer.content for answer in answers)


def test_a_token_is_shown_once(client: Client, editor: Person) -> None:
    made = client.post("/api/tokens/", {"name": "ci"}, content_type=JSON, headers=editor.headers).json()
    listed = client.get("/api/tokens/", headers=editor.headers).json()
    assert made["token"].startswith(made["hint"])
    assert made["token"] not in json.dumps(listed)
    assert client.delete(f"/api/tokens/{made['id']}/", headers=editor.headers).status_code == 204
    assert client.get("/api/flows/", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 401


def test_a_token_is_told_of_its_own_workspace_alone(client: Client, editor: Person) -> None:
    signed_in("editor").post("/api/workspaces/", {"name": "Second"}, content_type=JSON)
    assert [w["slug"] for w in signed_in("editor").get("/api/workspaces/").json()["results"]] == ["home", "second"]
    assert [w["slug"] for w in client.get("/api/workspaces/", headers=editor.headers).json()["results"]] == ["home"]
    told = client.get("/api/session/", headers=editor.headers).json()
    assert [w["slug"] for w in told["workspaces"]] == ["home"]
    refused = client.post("/api/workspaces/", {"name": "Third"}, content_type=JSON, headers=editor.headers)
    assert refused.status_code == 403


def test_a_token_changes_no_password(client: Client, viewer: Person) -> None:
    body = {"old": PASSWORD, "new": "another-river-2"}
    refused = client.post("/api/session/password/", body, content_type=JSON, headers=viewer.headers)
    assert refused.status_code == 403


def test_a_token_made_with_a_token_does_not_outlive_it(client: Client, editor: Person) -> None:
    first = client.post("/api/tokens/", {"name": "a", "days": 1}, content_type=JSON, headers=editor.headers).json()
    headers = {"Authorization": f"Bearer {first['token']}"}
    for days in ({}, {"days": 30}):
        made = client.post("/api/tokens/", {"name": "b", **days}, content_type=JSON, headers=headers).json()
        assert made["expires_at"] == first["expires_at"]


def test_the_forms_of_credentials_speak_the_readers_language(client: Client, editor: Person) -> None:
    told = client.get("/api/credential-kinds/", headers={**editor.headers, "Accept-Language": "ko"}).json()["results"]
    http = next(kind for kind in told if kind["name"] == "http")
    assert http["schema"]["properties"]["token"]["title"] == "토큰"
    assert http["labels"]["basic"] == "사용자와 비밀번호"
    assert "title" not in http["schema"]
