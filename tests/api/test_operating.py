"""What operators look after, over HTTP."""

from django.test import Client
from django.utils import timezone

from flows.models import Breaker
from tests.cast import Person


def test_breakers_are_listed_and_closed_by_who_may(
    client: Client, operator: Person, viewer: Person, stranger: Person
) -> None:
    made = Breaker.objects.create(
        workspace_id=operator.actor.workspace, target="host:pay.example", state="open", failures=10, trips=1,
        until=timezone.now(), last_error="no answer", changed_at=timezone.now(),
    )  # fmt: skip
    (shown,) = client.get("/api/breakers/", headers=viewer.headers).json()["results"]
    assert (shown["target"], shown["state"], shown["last_error"]) == ("host:pay.example", "open", "no answer")
    assert client.get("/api/breakers/", headers=stranger.headers).json()["results"] == []
    at = f"/api/breakers/{made.pk}/reset/"
    assert client.post(at, headers=viewer.headers).status_code == 403
    assert client.post(at, headers=stranger.headers).status_code == 404
    assert client.post(at, headers=operator.headers).json()["state"] == "closed"
