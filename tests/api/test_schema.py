"""The OpenAPI document is whole, and every answer keeps to it, whatever is sent."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from flows.api.schema import openapi
from flows.operations.starting import start
from tests.api.test_default_deny import endpoints
from tests.cast import Person, flow

schema = schemathesis.openapi.from_wsgi("/api/schema/", WSGIHandler(), headers={"Host": "localhost"})


def test_every_endpoint_stands_in_the_document() -> None:
    told = set(openapi()["paths"])
    hidden = {"/healthz", "/readyz", "/metrics", "/api/schema/"}
    for route, _ in endpoints():
        path = "/" + "{".join(_plain(route))
        assert path in told or path in hidden or "^" in path, path


def test_operations_have_names_of_their_own() -> None:
    names = [call["operationId"] for path in openapi()["paths"].values() for call in path.values()]
    assert len(names) == len(set(names))


def test_the_document_says_how_to_sign_in_and_has_names_any_generator_takes(capsys: pytest.CaptureFixture[str]) -> None:
    document = openapi()
    assert capsys.readouterr().err == "", "what could not be told is warned about"
    assert document["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    assert all(re.fullmatch(r"[\w.-]+", name) for name in document["components"]["schemas"])
    assert {"bearer": []} in document["paths"]["/api/flows/"]["get"]["security"]


def _plain(route: str) -> list[str]:
    """`<uuid:flow>` as `{flow}`."""
    first, *rest = route.replace(">", "}").split("<")
    return [first, *(part.partition(":")[2] for part in rest)] if rest else [first]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """All requests of a test share its transaction, so their ends must not close the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def house(editor: Person, admin: Person) -> Person:
    """Something behind every list."""
    start(editor.actor, flow(editor.actor).pk)
    return admin


@schema.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_it_and_every_answer_keeps_to_its_schema(case: Any, house: Person) -> None:
    case.call_and_validate(
        headers=house.headers | {"Host": "localhost"},
        checks=[not_a_server_error, response_schema_conformance, content_type_conformance],
    )


def test_the_document_is_made_once_however_often_anyone_asks(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = ("application/json", "application/yaml")
    for kind in ("application/vnd.oai.openapi+json", "application/vnd.oai.openapi", *plain):
        first = client.get("/api/schema/", headers={"Accept": kind})
        assert (first.status_code, first["Content-Type"]) == (200, kind)
        with monkeypatch.context() as patch:
            patch.setattr("flows.api.schema.openapi", dict)
            assert client.get("/api/schema/", headers={"Accept": kind}).content == first.content
