"""The cast on committed rows, since sockets read on connections of their own, and what opens a socket."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connection, connections

from flows.models import Event, Flow, Run
from flows.operations.starting import start
from flows.routing import websocket_urlpatterns
from tests.cast import Person, flow, person

Open = Callable[..., WebsocketCommunicator]


@pytest.fixture(autouse=True)
async def nothing_left_open() -> AsyncIterator[None]:
    """Views run in a thread of their own, whose connection would keep the test database from being dropped."""
    yield
    await sync_to_async(connections.close_all, thread_sensitive=True)()


@pytest.fixture
def admin(transactional_db: None) -> Person:
    return person("admin", "admin")


@pytest.fixture
def editor(transactional_db: None) -> Person:
    return person("editor", "editor")


@pytest.fixture
def stranger(transactional_db: None) -> Person:
    return person("stranger", "admin", home="elsewhere")


@pytest.fixture
def chain(editor: Person) -> Flow:
    return flow(editor.actor)


@pytest.fixture
def run(editor: Person, chain: Flow) -> Run:
    return Run.objects.get(pk=start(editor.actor, chain.pk).run.id)


@pytest.fixture
def open_socket() -> Open:
    """Open a socket as this person, from this origin (None: a program's)."""

    def opened(path: str, who: Person | None, origin: str | None = None) -> WebsocketCommunicator:
        headers = [(b"host", b"localhost:8000")]
        if who is not None:
            headers.append((b"authorization", f"Bearer {who.token}".encode()))
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        application = AuthMiddlewareStack(URLRouter([*websocket_urlpatterns]))
        return WebsocketCommunicator(application, path, headers=headers)

    return opened


def append(run: UUID, count: int, size: int = 10, status: str = "running") -> None:
    """Commit so many events of a run, and ring."""
    head = Run.objects.get(pk=run).seq
    data = json.dumps({"message": "x" * size})
    Event.objects.bulk_create(
        Event(run_id=run, seq=head + n, kind="alert_raised", step="one", at=n, data=data) for n in range(1, count + 1)
    )
    Run.objects.filter(pk=run).update(seq=head + count, status=status)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('mulgil_runs', %s)", [str(run)])


appended = database_sync_to_async(append)


async def seqs(socket: WebsocketCommunicator, count: int) -> list[int]:
    """The seqs of the next events, which must come in a row."""
    found: list[int] = []
    for _ in range(count):
        message: dict[str, Any] = await socket.receive_json_from(timeout=5)
        assert message["type"] == "event"
        found.append(message["seq"])
    return found
