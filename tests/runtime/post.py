"""A receiver of messages in a thread of its own, destinations that lead to it, and published messages to send there."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from flows.journal.connection import conninfo
from flows.journal.outbox import send
from flows.journal.rows import Batch, Message, Projection
from flows.models import Delivery, Destination, Run
from flows.runtime.relay import Relay
from tests.runtime.house import chain, publish, start, workspace
from tests.security.http_server import Route, Server, http_server


@contextmanager
def receiving(**routes: Route) -> Iterator[Server]:
    """A server with a route for each name; its requests are kept."""
    ready, over = threading.Event(), threading.Event()
    made: list[Server] = []

    async def serve() -> None:
        async with http_server({f"/{name}": route for name, route in routes.items()}) as server:
            made.append(server)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield made[0]
    finally:
        over.set()
        thread.join(20)


def destination(server: Server, path: str = "in", **fields: Any) -> Destination:
    given = {"name": path, "topics": ["*"], "config": {"url": server.url(f"/{path}")}} | fields
    return Destination.objects.create(workspace=workspace(), **given)


def a_run() -> Run:
    return start(publish(chain(1)))


def published(run: Run, *messages: Message) -> None:
    """Write messages as the journal does with a batch of this run."""

    async def write() -> None:
        async with await psycopg.AsyncConnection.connect(conninfo("test"), autocommit=True) as own:
            batch = Batch(
                run=run.pk, fence=0, was=0, rows=[], projection=Projection(status="running"), consumed=[],
                messages=list(messages), alerts=[], children=[], letters=[], payloads=[], snapshot=None,
            )  # fmt: skip
            await send(own, [batch])

    asyncio.run(write())


def message(step: str, key: str = "", payload: str = "{}", topic: str = "orders.paid") -> Message:
    return Message(topic=topic, key=key, payload=payload, step=step)


def relay() -> None:
    """One round of one relay."""
    asyncio.run(Relay().once())


def due() -> None:
    """The time of every waiting message has come."""
    Delivery.objects.filter(state="waiting").update(next_try_at="2020-01-01T00:00:00Z")


def states(run: UUID | None = None) -> list[str]:
    rows = Delivery.objects.order_by("position")
    return list((rows if run is None else rows.filter(message__run_id=run)).values_list("state", flat=True))


async def looked() -> list[str]:
    """The same from within a loop, leaving no connection behind in another thread."""

    def look() -> list[str]:
        try:
            return states()
        finally:
            connection.close()

    return await asyncio.to_thread(look)
