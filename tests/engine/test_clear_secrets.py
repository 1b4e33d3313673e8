"""The integrity report finds secrets that stand in a document in the clear, and calls nothing else one."""

from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.integrity import examine
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import flow

STRIPE = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
GITHUB = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"headers": {"Authorization": "Bearer 8f14e45fceea"}}, "headers.Authorization"),
        ({"headers": {"X-Api-Key": "8f14e45fceea"}}, "headers.X-Api-Key"),
        ({"json": {"user": "kim", "Password": "hunter2"}}, "json.Password"),
        ({"json": [{"clientSecret": "8f14e45fceea"}]}, "json.0.clientSecret"),
        ({"url": f"https://api.example/{GITHUB}"}, "url"),
        ({"url": "https://kim:hunter2@db.example/"}, "url"),
        ({"url": "https://api.example/?api_key=8f14e45f&page=2"}, "url"),
        ({"code": f"def run(input):\n    return '{STRIPE}'"}, "code"),
        ({"message": f"{{{{ input.name }}}} pays with {STRIPE}"}, "message"),
        ({"pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIE"}, "pem"),
    ],
)
def test_a_secret_typed_into_a_config_is_found_and_not_repeated(config: dict[str, Any], place: str) -> None:
    (one,) = examine(flow("start > ask", ask={"config": config}), CATALOGUE)
    assert (one.code, one.node) == ("secret_in_the_clear", "ask")
    assert one.path == "/nodes/1/config/" + place.replace(".", "/")
    assert one.message.startswith(f"ask: {place} looks like a secret")
    assert "credential" in one.hint
    assert not any(secret in one.message for secret in ("hunter2", "8f14", STRIPE, GITHUB))


@pytest.mark.parametrize(
    "config",
    [
        {"headers": {"Authorization": "Bearer {{ vars.token }}", "X-Api-Key": "{{ input.key }}"}},
        {"json": {"password": "{{ nodes.form.password }}", "token": "", "secret": None, "max_tokens": "1000000"}},
        {"json": {"password": "<the password>", "api_key": "your-key-here", "token": "xxxxxxxx", "secret": "..."}},
        {"json": {"password": "password", "fields": {"token": "access_token"}, "reset_password": True}},
        {"json": {"password": {"type": "string", "minLength": 8}}, "credential": "payments", "signature": "sha256"},
        {"url": "https://{{ vars.user }}:{{ vars.pass }}@db.example/?token={{ input.token }}"},
        {"url": "https://shop.example:8443/@kim/?page_token=&q=a:b@c"},
        {"message": "The token of the customer is sk_live and the password is kept elsewhere"},
        {"text": "a sentence about eyJ.eyJ.sig and AKIA, ghp_ and glpat-"},
    ],
)
def test_expressions_names_and_examples_are_no_secrets(config: dict[str, Any]) -> None:
    assert examine(flow("start > ask", ask={"config": config}), CATALOGUE) == []


def test_variables_samples_tests_and_notes_are_looked_through_too() -> None:
    document = flow("start > a", settings={"vars": {"api_token": "8f14e45fceea", "base": "https://shop.example"}})
    more = {
        "pins": {"a": {"token": "only an answer of long ago", "body": GITHUB}},
        "tests": [{"name": "t", "input": {"password": "hunter2"}, "mocks": {"a": [{"output": STRIPE}]}}],
        "notes": [{"id": "n", "position": {"x": 0, "y": 0}, "text": f"use {STRIPE}"}],
    }
    whole = Document.model_validate(document.model_dump(by_alias=True) | more)
    told = [(one.code, one.path) for one in examine(whole, CATALOGUE)]
    assert told == [
        ("secret_in_the_document", path)
        for path in ("/settings/vars/api_token", "/pins/a/body", "/tests/0/mocks/a/0/output", "/notes/0/text")
    ]
