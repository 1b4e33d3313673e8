"""Deployments of models, over HTTP and in the admin."""

from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from flows.models import Deployment
from tests.cast import Person


def made(person: Person, **given: str) -> Deployment:
    told = {
        "step": "deploy", "environment": "production", "endpoint": "churn", "target": "https://models.example",
        "model": "churn", "version": "8", "previous": "7", "strategy": "canary", "variant": "churn-v8-0123abcd",
        "state": "succeeded", "reason": "", **given,
    }  # fmt: skip
    now = timezone.now()
    return Deployment.objects.create(
        workspace_id=person.actor.workspace, run=uuid7(), number=3, share=100, created_at=now, changed_at=now, **told
    )


def test_deployments_are_listed_newest_first_to_the_workspace_alone(
    client: Client, viewer: Person, stranger: Person
) -> None:
    made(viewer)
    made(viewer, version="9", environment="staging", state="failed", reason="no memory")
    shown = client.get("/api/deployments/", headers=viewer.headers).json()["results"]
    assert [(one["version"], one["state"], one["reason"]) for one in shown] == [
        ("9", "failed", "no memory"),
        ("8", "succeeded", ""),
    ]
    assert client.get("/api/deployments/", headers=stranger.headers).json()["results"] == []


def test_deployments_are_narrowed_to_an_environment_an_endpoint_or_a_model(client: Client, viewer: Person) -> None:
    made(viewer)
    made(viewer, version="9", environment="staging", endpoint="ranks", model="ranks")
    for asked in ("environment=staging", "endpoint=ranks", "model=ranks"):
        shown = client.get(f"/api/deployments/?{asked}", headers=viewer.headers).json()["results"]
        assert [one["version"] for one in shown] == ["9"]
