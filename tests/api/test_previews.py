"""Expressions over HTTP, while they are written: what they give, and where they are wrong."""

from typing import Any

import pytest
from django.test import Client

from tests.cast import Person

ROWS = [{"price": 2, "count": 3}, {"price": 5, "count": 1}]
VALUES = {"input": {"rows": ROWS, "name": "Mina"}, "nodes": {"charge": {"amount": 4}}}


def ask(client: Client, person: Person, text: str, values: Any = None) -> Any:
    body = {"text": text, "values": VALUES if values is None else values}
    kind = "application/json"
    return client.post("/api/expressions/", body, content_type=kind, headers=person.headers)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ input.name }}", "Mina"),
        ("{{ sum(row.price * row.count for row in input.rows) }}", 11),
        ("{{ nodes.charge.amount + 1 }} for {{ input.name.upper() }}", "5 for MINA"),
        ("{{ now[:2] }}", "20"),
        ("no braces", "no braces"),
    ],
)
def test_a_text_gives_what_a_step_would_have(client: Client, viewer: Person, text: str, value: Any) -> None:
    answer = ask(client, viewer, text)
    assert (answer.status_code, answer.json()) == (200, {"value": value, "large": False, "unknown": [], "error": None})


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("{{ input.name + }}", "bad_expression", "+"),
        ("{{ lenn }} {{ (1 +\n  lenn(2)) }}", "unknown_name", "lenn"),
        ("{{ 1 + input.name.uper() }}", "unknown_name", "uper"),
        ("{{ [x for x in input.rows if x is 3] }}", "bad_expression", "x"),
        ("물 🌊 {{ lenn(input.name) }}", "unknown_name", "lenn"),
        ("{{ input.name }} {{ 1 + lenn(1) }}", "unknown_name", "lenn"),
        ("{{ len(nodes.charge.amuont) }}", "missing_key", "nodes.charge.amuont"),
        ("{{ input.name.nowhere }}", "missing_key", "input.name.nowhere"),
        ("a {{ 1 // 0 }}", "expression_failed", "1 // 0"),
        ("{{ input.name", "bad_expression", None),
    ],
)
def test_what_is_wrong_is_told_at_its_characters(
    client: Client, viewer: Person, text: str, code: str, marked: str | None
) -> None:
    told = ask(client, viewer, text).json()["error"]
    assert told["code"] == code
    assert told["message"]
    units = text.encode("utf-16-le")
    found = units[2 * told["start"] : 2 * told["end"]].decode("utf-16-le")
    assert found
    if marked is not None:
        assert found == marked


def test_what_was_not_handed_in_is_unknown_and_not_wrong(client: Client, viewer: Person) -> None:
    told = ask(client, viewer, "{{ len(item) + nodes.charge.amount + len(nodes.later.rows) }}").json()
    assert (told["unknown"], told["error"], told["value"]) == (["item", "nodes.later"], None, None)


def test_a_large_value_is_not_told(client: Client, viewer: Person) -> None:
    told = ask(client, viewer, "{{ 'x' * 70000 }}").json()
    assert (told["large"], told["value"], told["error"]) == (True, None, None)


def test_a_root_that_no_expression_has_is_refused(client: Client, viewer: Person) -> None:
    assert ask(client, viewer, "{{ 1 }}", {"secrets": {}}).status_code == 422
