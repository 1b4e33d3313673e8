"""Every route is walked: what declares no need is refused, and what declares one holds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from flows.api.endpoint import Endpoint, Open
from flows.operations.access import Permission
from tests.cast import Person

# What answers anyone, each for a reason that stands at the endpoint.
OPEN = {"Alive", "Ready", "Metrics", "Schema", "DocumentSchema", "Missing", "Joining"}
ID = "01a1fbf2-c178-77d8-99fa-9d28b103c781"
VALUES = {"uuid": ID, "int": "1", "str": "name", "path": "a/b", "slug": "home"}
METHODS = ("get", "post", "put", "patch", "delete")


def routes(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in get_resolver("flows.urls").url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern), pattern.callback


def endpoints() -> list[tuple[str, type[Endpoint]]]:
    found = [(route, getattr(callback, "cls", None)) for route, callback in routes()]
    return [(route, view) for route, view in found if view is not None]


def address(route: str) -> str:
    filled = route
    for kind, value in VALUES.items():
        while f"<{kind}:" in filled:
            start = filled.index(f"<{kind}:")
            filled = filled[:start] + value + filled[filled.index(">", start) + 1 :]
    return f"/{filled}" if "^" not in filled else "/api/nothing/"


def test_every_route_is_an_endpoint_of_ours_but_the_webhook_and_the_pages_of_letters() -> None:
    others = [route for route, callback in routes() if not issubclass(getattr(callback, "cls", object), Endpoint)]
    assert others == ["join/", "decide/<str:token>/", r"^hooks/(?P<workspace>[^/]+)/(?P<rest>[\s\S]*)\Z"]


def test_every_method_of_every_endpoint_declares_its_need() -> None:
    for route, view in endpoints():
        for method in METHODS:
            if hasattr(view, method):
                assert isinstance(view.needs.get(method), Permission | Open), f"{method} {route}"


def test_only_those_named_here_answer_anyone() -> None:
    found = {view.__name__ for _, view in endpoints() if Open.ANYONE in view.needs.values()}
    assert found == OPEN


@pytest.mark.parametrize(("route", "view"), endpoints(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_call_without_a_name_is_refused(db: None, client: Client, route: str, view: type[Endpoint]) -> None:
    for method in METHODS:
        if hasattr(view, method) and view.needs[method] is not Open.ANYONE:
            response = client.generic(method.upper(), address(route), "{}", content_type="application/json")
            assert response.status_code == 401, f"{method} {route}"
            assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("route", "view"), endpoints(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_viewer_is_refused_what_the_table_denies(
    client: Client, viewer: Person, route: str, view: type[Endpoint]
) -> None:
    denied = {Permission.FLOWS_WRITE, Permission.FLOWS_PUBLISH, Permission.RUNS_START, Permission.RUNS_STEER}
    denied |= {Permission.CREDENTIALS_WRITE, Permission.MEMBERS_WRITE, Permission.WORKSPACE_WRITE}
    denied |= {Permission.AUDIT_READ, Permission.ENVIRONMENTS_WRITE}
    for method in METHODS:
        if view.needs.get(method) in denied:
            kind = "application/json"
            response = client.generic(method.upper(), address(route), "{}", content_type=kind, headers=viewer.headers)
            assert response.status_code == 403, f"{method} {route}"


def test_an_endpoint_that_declares_nothing_is_closed_to_all(admin: Person) -> None:
    class Forgotten(Endpoint):
        def get(self, _: Any) -> Any:
            raise AssertionError("never reached")

    request = Client(headers=admin.headers).get("/api/nothing/").wsgi_request
    assert Forgotten.as_view()(request).status_code == 403
