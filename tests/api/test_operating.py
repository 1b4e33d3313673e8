"""What operators look after, over HTTP."""

import pytest
from django.test import Client
from django.utils import timezone

from flows.models import Breaker
from tests.cast import Person
from tests.operations.test_dead_letters import failed


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


@pytest.mark.django_db(transaction=True)
def test_dead_letters_are_run_again_and_dismissed_in_bulk(client: Client, operator: Person, editor: Person) -> None:
    runs = [str(run.pk) for run in failed(editor, 2)]
    shown = client.get("/api/dead-letters/", headers=operator.headers).json()["results"]
    assert [(run["id"], run["error"]["step"]) for run in shown] == [(run, "breaks") for run in reversed(runs)]
    body = {"content_type": "application/json", "headers": operator.headers}
    done = client.post("/api/dead-letters/retry/", {"runs": runs[:1]}, **body).json()  # type: ignore[arg-type]  # both
    assert ([one["run"] for one in done["retried"]], done["refused"]) == (runs[:1], [])
    gone = client.post("/api/dead-letters/dismiss/", {"runs": runs}, **body)  # type: ignore[arg-type]  # both
    assert gone.json() == {"dismissed": 1}
    assert client.get("/api/dead-letters/", headers=operator.headers).json()["results"] == []
