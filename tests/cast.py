"""The cast of the tests: an admin, an editor, an operator, a viewer of one workspace, and a stranger of another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from flows.models import Flow, Membership, Workspace
from flows.operations.actor import Actor
from flows.operations.flows import create_flow
from flows.operations.publishing import publish
from flows.operations.tokens import create_token

CHAIN: dict[str, Any] = {
    "dsl": 1,
    "inputs": {"type": "object", "properties": {"n": {"type": "integer"}}},
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "one", "type": "data.set", "config": {"fields": {"x": "{{ input.get('n', 1) }}"}}},
        {"id": "two", "type": "data.transform", "config": {"value": "{{ nodes.one.x + 1 }}"}},
    ],
    "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "two"}],
}


@dataclass(frozen=True)
class Person:
    actor: Actor
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def workspace(slug: str) -> Workspace:
    found, _ = Workspace.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    return found


def person(name: str, role: str, home: str = "home", scopes: list[str] | None = None) -> Person:
    """A user with this role in the workspace, and a token."""
    user, _ = User.objects.get_or_create(username=name, defaults={"email": f"{name}@mulgil.example"})
    place = workspace(home)
    Membership.objects.update_or_create(workspace=place, user=user, defaults={"role": role})
    actor = Actor(user=user.pk, name=name, workspace=place.pk, role=role)
    return Person(actor=actor, token=create_token(actor, name="test", scopes=scopes).secret)


def flow(actor: Actor, document: dict[str, Any] | None = None, *, published: bool = True, name: str = "Chain") -> Flow:
    """A flow, published as version 1 unless asked otherwise."""
    made = create_flow(actor, name=name, document=document or CHAIN)
    if published:
        publish(actor, made.pk, note="first")
    return made


@contextmanager
def tampering() -> Iterator[None]:
    """What only the owner of a database can do: edit what it keeps from being edited."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def with_nodes(*nodes: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A document of these nodes alone, each with an edge from the one before."""
    names = [node["id"] for node in nodes]
    edges = [{"from": a, "to": b} for a, b in pairwise(names)]
    return {"dsl": 1, "nodes": list(nodes), "edges": edges, **rest}
