import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from builder_ui.guessing import FOR_ALL_NAMES, FOR_ONE_NAME

PASSWORD = "water-flows-down-1"


@pytest.fixture(autouse=True)
def someone(db: None) -> None:
    cache.clear()
    User.objects.create_user("someone", password=PASSWORD)


def gets_in(name: str, password: str, address: str = "192.0.2.1") -> bool:
    client = Client(REMOTE_ADDR=address)
    return client.post("/sign-in/", {"username": name, "password": password}).status_code == 302


def test_who_knows_the_password_gets_in() -> None:
    assert gets_in("someone", PASSWORD)


def test_after_too_many_wrong_ones_even_the_right_one_does_not_open() -> None:
    assert not any(gets_in("someone", f"guess {n}") for n in range(FOR_ONE_NAME))
    assert not gets_in("someone", PASSWORD)


def test_others_are_not_locked_out_by_it() -> None:
    for n in range(FOR_ONE_NAME):
        gets_in("someone", f"guess {n}")
    assert gets_in("someone", PASSWORD, address="192.0.2.2")


def test_trying_many_names_is_guessing_too() -> None:
    for n in range(FOR_ALL_NAMES):
        gets_in(f"name {n}", "guess")
    assert not gets_in("someone", PASSWORD)


def test_guessing_ones_own_old_password_is_slowed_too() -> None:
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.force_login(User.objects.get(username="someone"))
    new = {"new_password1": "another-river-2", "new_password2": "another-river-2"}
    for n in range(FOR_ONE_NAME):
        assert client.post("/password/", {"old_password": f"guess {n}", **new}).status_code == 200
    assert client.post("/password/", {"old_password": PASSWORD, **new}).status_code == 403
    assert User.objects.get(username="someone").check_password(PASSWORD)
