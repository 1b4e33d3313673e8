"""Statements that stay prepared on Django's connection."""

from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from flows.journal.prepared import prepared
from flows.models import Run
from flows.operations.signing_in import actor_of_token
from flows.operations.starting import start
from tests.cast import Person, flow

KEPT = "SELECT statement FROM pg_prepared_statements"


@pytest.fixture
def preparing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the web's connections are."""
    connection.ensure_connection()
    raw: Any = connection.connection
    monkeypatch.setattr(raw, "prepare_threshold", 5)


def _kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return [str(statement) for (statement,) in cursor.fetchall()]


def test_a_start_is_prepared_once_and_serves_every_kind_of_start(preparing: None, editor: Person) -> None:
    made = flow(editor.actor)
    ids = [
        start(editor.actor, made.pk, input=given, version=version, idempotency_key=key, priority=priority).run.id
        for given, version, key, priority in [
            ({}, None, None, 0),
            ({"n": 1}, 1, "a", 100),
            ({"n": 2}, None, "b", -100),
            ({"n": 2}, None, None, 3),
        ]
    ]
    rows = Run.objects.filter(pk__in=ids).order_by("pk").values_list("input", "idempotency_key", "priority", "held")
    assert list(rows) == [
        ("{}", None, 0, False),
        ('{"n":1}', "a", 100, False),
        ('{"n":2}', "b", -100, False),
        ('{"n":2}', None, 3, False),
    ]
    assert 1 <= sum("INSERT INTO flows_run" in statement for statement in _kept()) <= 3


def test_who_calls_is_asked_by_a_statement_that_stays(preparing: None, editor: Person) -> None:
    for _ in range(3):
        assert actor_of_token(editor.token).actor == editor.actor
    assert sum("flows_token" in statement for statement in _kept()) == 1


def test_its_errors_and_its_log_are_djangos(preparing: None) -> None:
    with CaptureQueriesContext(connection) as queries, prepared() as cursor:
        cursor.execute("SELECT %s::int + 1", [1])
        assert cursor.fetchone() == (2,)
    assert len(queries) == 1
    with pytest.raises(DataError), prepared() as cursor:
        cursor.execute("SELECT 1 / %s::int", [0])
