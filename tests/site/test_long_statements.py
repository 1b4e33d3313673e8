"""A statement of the web that takes too long is given up by the server, and whoever asked is told so."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.db.utils import load_backend
from django.test import Client

from builder_ui.databases import CUT_AFTER, settings_of, use_pool
from builder_ui.environment import parse_database
from flows.journal.connection import connect_sync, conninfo
from flows.models import Flow
from tests.cast import Person, flow, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> Person:
    return person("owner", "admin")


@contextmanager
def table_held(name: str) -> Iterator[None]:
    """Nobody reads the table meanwhile, and what the server is asked here it gives up soon."""
    with connect_sync("test holder") as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '200ms'")
        try:
            yield
        finally:
            connection.close()


def web(**options: str) -> Any:
    """A connection as the web opens them."""
    settings = deepcopy(connections["default"].settings_dict)
    settings["OPTIONS"] = {**settings["OPTIONS"], **options}
    use_pool(settings)
    return load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "web of a test")


@pytest.mark.parametrize(
    ("own", "told"), [("", f"{CUT_AFTER}s"), ("-c statement_timeout=5s", "5s"), ("-c work_mem=5MB", f"{CUT_AFTER}s")]
)
def test_a_statement_of_the_web_has_an_end_and_an_address_may_name_another(own: str, told: str) -> None:
    connection.ensure_connection()
    wrapper = web(**({"options": own} if own else {}))
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == (told,)
    finally:
        wrapper.close()
        wrapper.close_pool()


def test_what_the_web_reads_beside_django_has_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    wrapper = web()
    monkeypatch.setattr("flows.journal.connection.connections", {"default": wrapper})
    assert f"statement_timeout={CUT_AFTER}s" in conninfo("reader")
    with connect_sync("test reader") as reader:
        assert reader.execute("SHOW statement_timeout").fetchone() == (f"{CUT_AFTER}s",)


def test_workers_and_commands_have_no_such_end() -> None:
    assert "options" not in settings_of(parse_database("postgresql://mulgil@127.0.0.1/mulgil"))["OPTIONS"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_call_that_took_too_long_is_503_in_one_sentence(client: Client, owner: Person, language: str) -> None:
    told = {
        "en": "The database was told to stop: this took it longer than it may.",
        "ko": "데이터베이스 작업이 너무 오래 걸려 중단했습니다.",
    }
    with table_held("flows_flow"):
        answer = client.get("/api/flows/", headers=owner.headers | {"Accept-Language": language})
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer.json()["title"]) == ("took_too_long", told[language])
    assert answer["Retry-After"]


def test_a_change_that_took_too_long_is_not_made_in_part(client: Client, owner: Person) -> None:
    made = flow(owner.actor)
    with table_held("flows_auditentry"):
        answer = client.patch(
            f"/api/flows/{made.pk}/", {"name": "New"}, content_type="application/json", headers=owner.headers
        )
    assert answer.json()["code"] == "took_too_long"
    assert Flow.objects.get(pk=made.pk).name == "Chain"


def test_a_page_that_took_too_long_says_so_and_one_that_fails_otherwise_says_that(
    client: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(User.objects.create_superuser("root", "root@mulgil.example", "pw"))
    client.raise_request_exception = False
    with table_held("flows_flow"):
        answer = client.get("/admin/flows/flow/")
    assert answer.status_code == 503, answer.content.decode()[-3000:]
    assert answer["Retry-After"] == "2"
    page = answer.content.decode()
    assert "This took too long" in page
    assert "너무 오래 걸려 중단했습니다" in page
    monkeypatch.setattr("builder_ui.pages._bootstrap", lambda request: 1 / 0)
    monkeypatch.setattr("builder_ui.pages.entry", lambda: "built")
    answer = client.get("/")
    assert (answer.status_code, "Something went wrong" in answer.content.decode()) == (500, True)
