"""Columns as array text: PostgreSQL reads back what was put in."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.journal.columns import Column, array_text
from flows.journal.connection import connect_sync

pytestmark = pytest.mark.django_db(transaction=True)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
ONE_CONNECTION = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)


@pytest.fixture
def connection() -> Any:
    with connect_sync("columns") as connection:
        yield connection


def told(connection: Any, column: Column, kind: str) -> list[Any]:
    found: list[Any] = connection.execute(f"SELECT %s::{kind}[]", (column,)).fetchone()[0]
    return found


@ONE_CONNECTION
@given(values=st.lists(st.none() | texts))
def test_texts_come_back_as_they_were(connection: Any, values: list[str | None]) -> None:
    assert told(connection, Column(values), "text") == values


def test_what_looks_like_the_syntax_of_an_array_is_text(connection: Any) -> None:
    values = ["", "NULL", "null", "{}", "{a,b}", ",", '"', "\\", '\\"', " ", "\t", "\n", "'", "%s", "\u00a0"]
    assert told(connection, Column(values), "text") == values


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([None, 0, -1, 2**63 - 1, -(2**63)], "bigint"),
        ([True, False, None], "bool"),
        ([UUID(int=0), UUID(int=2**128 - 1), None], "uuid"),
        ([], "bigint"),
    ],
    ids=["numbers", "truths", "ids", "nothing"],
)
def test_the_other_kinds_come_back_as_they_were(connection: Any, values: list[Any], kind: str) -> None:
    assert told(connection, Column(values), kind) == values


def test_nul_is_refused_as_the_databases_own_error(connection: Any) -> None:
    with pytest.raises(psycopg.DataError):
        told(connection, Column(["a\x00b"]), "text")


def test_one_statement_serves_numbers_of_every_size(connection: Any) -> None:
    connection.prepare_threshold = 0
    for values in ([1], [2**40], [None], [uuid4().int % 2**62, None]):
        told(connection, Column(values), "bigint")
    (prepared,) = connection.execute("SELECT count(*) FROM pg_prepared_statements", prepare=False).fetchone()
    assert prepared == 1


def test_a_value_of_another_kind_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        array_text([1.5])
