from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from flows.api import health
from flows.models import Executor
from flows.models.base import new_id


def gone(*_: Any) -> Any:
    raise OperationalError("no server")


def test_it_is_alive_whatever_the_database_does(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_only_with_an_executor(db: None, client: Client) -> None:
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.json()["executor"]) == (503, False)
    now = timezone.now()
    Executor.objects.create(id=new_id(), lock=1, host="here", pid=1, started_at=now, seen_at=now)
    assert client.get("/readyz").status_code == 200


def test_an_executor_that_fell_silent_does_not_count(db: None, client: Client) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Executor.objects.create(id=new_id(), lock=1, host="here", pid=1, started_at=long_ago, seen_at=long_ago)
    assert client.get("/readyz").status_code == 503


def test_without_a_database_it_is_not_ready_and_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "fitness", gone)
    monkeypatch.setattr(health, "queue_figures", gone)
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["database"]) == (503, False)
    assert b"mulgil_database_up 0" in client.get("/metrics").content


def test_the_figures_are_prometheus_text(db: None, client: Client) -> None:
    response = client.get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"mulgil_runs_ready 0" in response.content
