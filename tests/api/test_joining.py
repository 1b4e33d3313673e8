"""Joining a workspace by the link of an invitation, as a stranger and as a user."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from flows.models import Invitation, Membership
from flows.operations.members import invite
from tests.cast import Person, person

PASSWORD = "water-flows-down-1"
TYPED = {"answer": "join", "username": "newcomer", "password": PASSWORD}


@pytest.fixture(autouse=True)
def nobody_guessed_yet() -> None:
    cache.clear()


@pytest.fixture
def secret(admin: Person) -> str:
    return invite(admin.actor, email="new@mulgil.example", role="operator").secret


def test_the_page_waits_for_the_secret_and_no_address_holds_it(db: None, client: Client) -> None:
    page = client.get("/join/")
    assert page.status_code == 200
    assert 'name="secret"' in page.content.decode()
    assert "flows/join.js" in page.content.decode()
    assert page.headers["Cache-Control"].startswith("max-age=0")


def test_a_stranger_sees_who_invites_into_what(client: Client, secret: str) -> None:
    page = client.post("/join/", {"secret": secret}).content.decode()
    assert "Join Home" in page
    assert "new@mulgil.example" in page
    assert 'autocomplete="new-password"' in page


def test_a_stranger_chooses_a_name_and_lands_in_the_workspace(client: Client, secret: str) -> None:
    joined = client.post("/join/", {"secret": secret, **TYPED})
    assert (joined.status_code, joined.headers["Location"]) == (302, "/")
    told = client.get("/api/session/").json()
    assert (told["user"]["name"], told["user"]["email"]) == ("newcomer", "new@mulgil.example")
    assert (told["workspace"]["slug"], told["role"]) == ("home", "operator")


def test_a_user_joins_by_one_press_and_lands_there(client: Client, secret: str) -> None:
    person("stranger", "admin", home="elsewhere")
    client.force_login(User.objects.get(username="stranger"))
    page = client.post("/join/", {"secret": secret}).content.decode()
    assert "You are signed in as stranger." in page
    assert 'name="password"' not in page
    assert client.post("/join/", {"secret": secret, "answer": "join"}).status_code == 302
    assert client.get("/api/session/").json()["workspace"]["slug"] == "home"


def test_a_user_may_join_as_someone_else(client: Client, secret: str, viewer: Person) -> None:
    client.force_login(User.objects.get(username="viewer"))
    assert 'name="password"' in client.post("/join/", {"secret": secret, "answer": "other"}).content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "short"}, "too short"),
        ({"username": "admin"}, "belongs to another user"),
        ({"username": "a b"}, "valid"),
    ],
)
def test_what_cannot_be_is_told_and_the_invitation_stays_open(
    client: Client, secret: str, typed: dict[str, str], said: str
) -> None:
    answer = client.post("/join/", {"secret": secret, **TYPED, **typed})
    assert answer.status_code in (409, 422)
    assert said in answer.content.decode()
    assert f'value="{secret}"' in answer.content.decode()
    assert client.post("/join/", {"secret": secret, **TYPED}).status_code == 302


def test_a_used_one_says_so(client: Client, secret: str) -> None:
    client.post("/join/", {"secret": secret, **TYPED})
    answer = Client().post("/join/", {"secret": secret})
    assert answer.status_code == 404
    assert "has been used already" in answer.content.decode()


def test_an_expired_one_says_so_and_lets_nobody_in(client: Client, secret: str) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = client.post("/join/", {"secret": secret, **TYPED})
    assert "has expired" in answer.content.decode()
    assert not User.objects.filter(username="newcomer").exists()


def test_a_wrong_one_opens_nothing_in_either_language(db: None, client: Client) -> None:
    assert "no such invitation" in client.post("/join/", {"secret": "guess"}).content.decode()
    korean = client.post("/join/", {"secret": "guess"}, headers={"Accept-Language": "ko"}).content.decode()
    assert "그런 초대가 없습니다" in korean


def test_a_form_of_another_site_is_refused(secret: str) -> None:
    assert Client(enforce_csrf_checks=True).post("/join/", {"secret": secret, **TYPED}).status_code == 403
    assert not Membership.objects.filter(user__username="newcomer").exists()


def test_who_guesses_here_is_slowed_down(db: None, client: Client) -> None:
    statuses = [client.post("/join/", {"secret": f"guess{n}"}).status_code for n in range(31)]
    assert (set(statuses[:30]), statuses[30]) == ({404}, 429)


def test_the_secret_is_never_logged(client: Client, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        for answer in ({}, {"answer": "join", "username": "newcomer", "password": "short"}, TYPED, TYPED):
            client.post("/join/", {"secret": secret, **answer})
    said = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not any(secret in line or PASSWORD in line for line in said)


def test_who_is_slowed_down_at_the_door_joins_and_signs_in_later(client: Client, secret: str) -> None:
    for n in range(50):
        client.post("/sign-in/", {"username": f"name {n}", "password": "guess"})
    joined = client.post("/join/", {"secret": secret, **TYPED})
    assert (joined.status_code, joined.headers["Location"]) == (302, "/sign-in/")
    assert Membership.objects.filter(user__username="newcomer").exists()
